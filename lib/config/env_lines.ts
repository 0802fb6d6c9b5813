/**
 * Parses lines with environment variables.
 *
 * @module
 * @see https://nodejs.org/api/cli.html#--env-fileconfig
 */

import { UsageError } from "../util/errors.ts";

/**
 * Parses lines such as `NAME=VALUE`, in the format of Node's `--env-file`. A line of which programs
 * read different values, or none, is an error: a password must not lose what follows its `#`.
 *
 * @param title the beginning of error messages, which names the file
 * @returns the names and the values, in the order of the lines
 *
 * @example
 * ```ts
 * import { parseEnvLines } from "./env_lines.ts";
 *
 * const [first, second] = parseEnvLines("export A='x # y'\nB=1 # one\n", "Cannot read a.env");
 * if (`${first}` !== "A,x # y" || `${second}` !== "B,1") throw new Error("another value");
 * ```
 *
 * @throws {UsageError} when a line is invalid. Values may be secrets, so the message has only a name.
 */
export function parseEnvLines(text: string, title: string): [name: string, value: string][] {
  const variables: [name: string, value: string][] = [];
  for (let at = 0; at < text.length;) {
    const blank = textAt(BLANK, text, at);
    if (blank) {
      at += blank[0].length;
      continue;
    }
    const parsed = parseVariable(text, at);
    if (typeof parsed === "string") {
      throw new UsageError(`${title}:${lineAt(text, at)}: ${parsed}`);
    }
    variables.push([parsed.name, parsed.value]);
    at = parsed.end;
  }
  return variables;
}

// The rest of a line without a variable: it may contain a comment.
const BLANK = /[ \t]*(?:#[^\n]*)?(?:\r?\n|$)/y;
const START = /[ \t]*(?:export[ \t]+)?([^\s=#"'`]+)[ \t]*=[ \t]*(["'`]?)/y;
const PLAIN = /[^\r\n]*(?=\r?\n|$)/y;

const NO_VARIABLE =
  "the line does not have the form NAME=VALUE, write it like that, or make it a " +
  "comment that begins with #; a value of several lines needs quotes";

/** A value, and the offset after its line. */
interface Value {
  readonly value: string;
  readonly end: number;
}

/** Reads a variable. Returns the reason when it is invalid. */
function parseVariable(
  text: string,
  at: number,
): Value & { readonly name: string } | string {
  const start = textAt(START, text, at);
  if (!start) return NO_VARIABLE;
  const [head, name = "", quote] = start, from = at + head.length;
  const value = quote ? quotedValue(text, from, quote, name) : plainValue(text, from, name);
  return typeof value === "string" ? value : { ...value, name };
}

/** Reads a value up to its quote, which may be on another line. */
function quotedValue(text: string, start: number, quote: string, name: string): Value | string {
  const end = text.indexOf(quote, start), value = text.slice(start, Math.max(start, end));
  if (end < 0) {
    return `the value of ${name} begins with a quote, write the quote at its end`;
  }
  if (value.endsWith("\\")) {
    return `the value of ${name} has a quote after a backslash, which programs read in ` +
      "different ways, write it in other quotes, or without quotes";
  }
  const rest = textAt(BLANK, text, end + 1);
  if (!rest) {
    return `text follows the quote at the end of the value of ${name}, remove it, or write ` +
      "the whole value in other quotes";
  }
  const whole = quote === '"' ? value.replaceAll("\\n", "\n") : value;
  return { value: whole, end: end + 1 + rest[0].length };
}

/** Reads a value up to a comment or the end of its line. */
function plainValue(text: string, start: number, name: string): Value | string {
  const line = textAt(PLAIN, text, start)?.[0];
  if (line === undefined) {
    return `the value of ${name} contains CR, end the lines of the file with LF`;
  }
  const hash = line.indexOf("#");
  if (hash >= 0 && !/[ \t]/.test(text[start + hash - 1]!)) {
    return `the value of ${name} contains #, write the value in quotes, or a blank before #`;
  }
  const value = hash < 0 ? line : line.slice(0, hash);
  // Other white space, such as U+00A0, may be the end of a password.
  return { value: value.replace(/[ \t]+$/, ""), end: start + line.length };
}

function textAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split("\n").length;
}
