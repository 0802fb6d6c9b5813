/**
 * The template of a command for a shell.
 *
 * The values of a task are parameters of the script, never a part of its text. A shell does not
 * parse the values of parameters, so no value can run a command, whatever the quotes around its
 * placeholder are.
 *
 * @module
 */

import type { Argument, Placeholder } from "./argument.ts";
import { PartReader, type Template, type WordPart } from "./parts.ts";

/** The quotes around a part of a script. */
type Quotes = "" | "'" | '"';

/** A placeholder in a script. */
interface Slot {
  readonly placeholder: Placeholder;
  /** The quotes around it. */
  readonly quotes: Quotes;
  /** True when it is a whole word, which may become several. */
  readonly isWord: boolean;
}

/** A piece of a script. */
type Piece = string | Slot;

/**
 * Returns the template of a script.
 *
 * @throws {SyntaxError} when a filter is unknown.
 */
export function shellScript(text: string): Template {
  const parts = new PartReader().read(text, true), pieces = toPieces(parts);
  return {
    placeholders: parts.filter((part) => typeof part !== "string"),
    program: SHELL,
    fill(argument) {
      const values: string[] = [];
      const script = pieces.map((piece) =>
        typeof piece === "string" ? piece : references(piece, argument, values)
      ).join("");
      return [SHELL, "-c", script, SHELL, ...values];
    },
  };
}

const SHELL = "sh";

function toPieces(parts: readonly WordPart[]): Piece[] {
  const open: Quotes[] = [""];
  return parts.map((part, i) => {
    if (typeof part === "string") {
      readQuotes(part, open);
      return part;
    }
    const quotes = open.at(-1)!;
    const [before = " ", after = " "] = [parts[i - 1], parts[i + 1]];
    const isWord = quotes === "" && BEFORE.test(String(before)) && AFTER.test(String(after));
    return { placeholder: part, quotes, isWord };
  });
}

const BEFORE = /[\s;|&(`]$/, AFTER = /^[\s;|&)`<>]/;

/**
 * Reads the quotes of a text.
 *
 * @param open the quotes around the text, and in front of them those around each `(`
 */
function readQuotes(text: string, open: Quotes[]): void {
  for (let at = 0; at < text.length; at++) {
    const char = text[at], quotes = open.at(-1)!, isNested = text[at - 1] === "$" || quotes === "";
    if (char === "\\" && quotes !== "'") at++;
    else if (char === quotes) open[open.length - 1] = "";
    else if (quotes === "'") continue;
    else if (char === "(" && isNested) open.push("");
    else if (char === ")" && quotes === "" && open.length > 1) open.pop();
    else if (quotes === "" && (char === "'" || char === '"')) open[open.length - 1] = char;
  }
}

/** Adds the values of a placeholder to the parameters, and returns their text in the script. */
function references(
  { placeholder, quotes, isWord }: Slot,
  argument: Argument,
  values: string[],
): string {
  const list = isWord ? argument.listOf(placeholder) : undefined;
  const texts = list ?? [argument.textOf(placeholder)];
  const found = texts.map((text) => `\${${values.push(text)}}`);
  if (quotes === '"') return found.join(" ");
  const quoted = found.map((one) => `"${one}"`).join(" ");
  return quotes === "'" ? `'${quoted}'` : quoted;
}
