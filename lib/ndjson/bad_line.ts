/**
 * The error for a line that is not valid JSON, with its line and column.
 *
 * @module
 */

import { stringEnd } from "../values/exact_json.ts";

// The pattern is anchored at the end, because the message may quote a line with the same words.
const POSITION = /(?: in JSON)? at position (\d+)(?: \(line \d+ column \d+\))?$/;

/**
 * Creates the error for a line that is not valid JSON.
 *
 * @example
 * ```ts
 * import { badLine } from "./bad_line.ts";
 *
 * const { message } = badLine('{"a" 1}', "tiles.ndjson", 3, new SyntaxError("Expected ':'"));
 * if (!message.startsWith("Cannot read tiles.ndjson:3:")) throw new Error(message);
 * ```
 *
 * @param text the line.
 * @param name the name of the source, for the message.
 * @param line the line's number, from 1.
 * @param cause the error of `JSON.parse`.
 * @returns an error that names the source, the line, the column and the reason.
 */
export function badLine(text: string, name: string, line: number, cause: unknown): SyntaxError {
  if (text.startsWith("\ufeff")) {
    return new SyntaxError(`Cannot read ${name}:${line}:1: ${MARKED}`, { cause });
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  const [where, position] = POSITION.exec(message) ?? [];
  const column = (position === undefined ? brokenAt(text, message) : Number(position)) + 1;
  const reason = message.slice(0, message.length - (where?.length ?? 0));
  return new SyntaxError(`Cannot read ${name}:${line}:${column}: ${reason}`, { cause });
}

/** The reason why a line cannot be read that begins as files do that were joined. */
export const MARKED = "a byte order mark (U+FEFF) begins the line, remove it";

/** Finds the first character that JSON does not allow, for errors without a position. */
function brokenAt(text: string, message: string): number {
  return message === "Unexpected end of JSON input" ? text.length : tokenAt(text);
}

// Matches a number, or the longest valid beginning of a literal.
const WORD = /-?\d[-+.\deE]*|t(?:r(?:ue?)?)?|f(?:a(?:l(?:se?)?)?)?|n(?:u(?:ll?)?)?|/y;

/**
 * Finds the invalid token where a value is expected. `JSON.parse` reports the position of all other
 * errors.
 */
function tokenAt(text: string): number {
  let before = ",";
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (" \t\n\r".includes(char)) continue;
    const isDue = before === "," || before === ":" || (before === "[" && char !== "]");
    if (isDue && "]},:".includes(char)) return at;
    before = char;
    if (char === '"') at = stringEnd(text, at);
    if ('"[]{},:'.includes(char)) continue;
    WORD.lastIndex = at;
    const [word] = WORD.exec(text)!;
    if (!/^(?:true|false|null|[-\d].*)$/.test(word)) return at + word.length;
    at += word.length - 1;
  }
  return text.length;
}
