/**
 * The parts of a command: text, and the placeholders `{}`, `{key}`, `{key.sub}`, `{0}` and `{#}`,
 * each with filters such as `{path|stem}`.
 *
 * @module
 */

import type { Argument, Placeholder } from "./argument.ts";
import { FILTER_NAMES } from "./filters.ts";

/** A command with placeholders. */
export interface Template {
  /** The placeholders in the order of the text. */
  readonly placeholders: readonly Placeholder[];
  /** The program, when it is the same for all tasks. */
  readonly program?: string | undefined;
  /**
   * Returns the program and its arguments for a task.
   *
   * @throws {TypeError} when the argument of the task lacks a value.
   */
  fill(argument: Argument): string[];
}

/** A part of a word: text, or a placeholder. */
export type WordPart = string | Placeholder;

/** A reader of the parts of words. One reader reads all words of a command, in their order. */
export class PartReader {
  /** The number of escaped braces that are not closed. */
  #open = 0;

  /**
   * Splits a text into its parts. `{{` is a brace, and `}}` closes it. Another brace that does not
   * begin a placeholder is only text, so that JSON and scripts need no escapes.
   *
   * @param isShell true when `${` belongs to the shell
   * @throws {SyntaxError} when a filter is unknown.
   */
  read(text: string, isShell = false): WordPart[] {
    const parts: WordPart[] = [];
    let rest = 0;
    for (const match of text.matchAll(isShell ? SHELL_TOKEN : TOKEN)) {
      const { 0: source, 1: path, 2: filters = "", index } = match;
      const part = path === undefined
        ? this.#unescape(source)
        : toPlaceholder(source, path, filters);
      parts.push(text.slice(rest, index), part);
      rest = index + source.length;
    }
    return joinText([...parts, text.slice(rest)]);
  }

  #unescape(braces: string): string {
    if (braces === "{{") this.#open++;
    else if (braces === "}}" && this.#open > 0) this.#open--;
    else return braces;
    return braces.slice(1);
  }
}

// A key begins with a letter, a digit or an underscore, and contains no character of JSON or scripts
// but the dash, the colon and single blanks.
const KEY = String.raw`[\p{L}\p{N}_@](?: ?[\p{L}\p{N}_@:%+/.\-])*`;
const PLACEHOLDER = String.raw`\{(#|${KEY}|)((?:\|[\p{L}\p{N}_\-]*)*)\}`;
const TOKEN = new RegExp(String.raw`\{\{|\}\}|${PLACEHOLDER}`, "gu");
const SHELL_TOKEN = new RegExp(String.raw`\$\{[^}]*\}|\{\{|\}\}|${PLACEHOLDER}`, "gu");

const WHOLE_PLACEHOLDER = new RegExp(`^${PLACEHOLDER}$`, "u");
// A text in braces, unless they are escaped or those of a variable of the shell.
const IN_BRACES = /(?<![{$])\{([^{}]+)\}/g;

/**
 * Returns the texts in braces that are not placeholders, each with the key that it would name:
 * `{size (m)}` and `{size (m)|stem}` have the key `size (m)`.
 */
export function textsInBraces(words: readonly string[]): { source: string; path: string }[] {
  return words.flatMap((word) =>
    [...word.matchAll(IN_BRACES)].filter(([source]) => !WHOLE_PLACEHOLDER.test(source))
      .map(([source, text = ""]) => ({ source, path: text.replace(FILTERS, "") }))
  );
}

/**
 * Returns the first placeholder with a key inside of a variable of the shell, as in `${x:-{key}}`.
 * There, the shell takes the braces.
 */
export function placeholderInVariable(script: string): string | undefined {
  return IN_VARIABLE.exec(script)?.[1];
}

const IN_VARIABLE = new RegExp(String.raw`\$\{\w+:?[-=?+#%]+(\{${KEY}(?:\|\w+)*\})`, "u");
const FILTERS = new RegExp(`(?:\\|(?:${FILTER_NAMES.join("|")}))+$`);

function toPlaceholder(source: string, path: string, texts: string): Placeholder {
  const filters = texts.split("|").slice(1);
  const unknown = filters.find((name) => !FILTER_NAMES.includes(name));
  if (unknown === undefined) return { source, path, filters };
  throw new SyntaxError(
    `${source} has the unknown filter "${unknown}": the filters are ${FILTER_NAMES.join(", ")}`,
  );
}

/** Joins adjacent texts, and leaves out empty ones. */
function joinText(parts: readonly WordPart[]): WordPart[] {
  const joined: WordPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === "string" && typeof last === "string") {
      joined[joined.length - 1] = last + part;
    } else if (part !== "") joined.push(part);
  }
  return joined;
}
