/**
 * Words of shell commands.
 *
 * @module
 */

/**
 * Returns a text as one word of a shell command, in quotes where the shell would change it.
 *
 * @example
 * ```ts
 * import { shellWord } from "./shell.ts";
 *
 * const words = ["/data/a.csv", "it's"].map(shellWord).join(" ");
 * if (words !== "/data/a.csv 'it'\\''s'") throw new Error(words);
 * ```
 */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A word of a command line. */
export interface ShellWord {
  /** The word without its quotes. */
  readonly text: string;
  /** The word with each quoted or escaped character replaced by `_`. */
  readonly bare: string;
}

/**
 * Splits a text into words as a shell does, with its quotes and backslashes. Nothing is expanded.
 *
 * @returns the words; undefined when a quote or a backslash has no end
 *
 * @example
 * ```ts
 * import { splitWords } from "./shell.ts";
 *
 * const words = splitWords(`uv run --project '/data/my project' python`);
 * if (words?.join("|") !== "uv|run|--project|/data/my project|python") throw new Error();
 * ```
 */
export function splitWords(text: string): string[] | undefined {
  return readWords(text)?.map((word) => word.text);
}

/** Splits a text as {@linkcode splitWords}, and tells which characters were quoted. */
export function readWords(text: string): ShellWord[] | undefined {
  const words: ShellWord[] = [];
  for (const [, word] of text.matchAll(WORDS)) {
    if (word === undefined) return undefined;
    const pieces = [...word.matchAll(PIECES)].map(([source, ...groups]) => ({
      text: unquoted(groups),
      isBare: source === groups[0],
    }));
    words.push({
      text: pieces.map((piece) => piece.text).join(""),
      bare: pieces.map((piece) => piece.isBare ? piece.text : "_".repeat(piece.text.length)).join(
        "",
      ),
    });
  }
  return words;
}

// A bare character, an escaped character, and the two kinds of quotes. Every text has only one
// reading, because the number of readings could explode.
const PIECE = String.raw`([^\s\\'"])|\\([^])|'([^']*)'|"((?:[^"\\]|\\[^])*)"`;
const PIECES = new RegExp(PIECE, "g");
// A word, or a character that begins a piece without an end.
const WORDS = new RegExp(String.raw`((?:${PIECE})+)(?=\s|$)|\S`, "g");

function unquoted([bare, escaped, single, double]: readonly (string | undefined)[]): string {
  if (escaped !== undefined) return escaped.replace("\n", "");
  return bare ?? single ?? double!.replaceAll(/\\([$`"\\]|\n)/g, (_, c) => c.replace("\n", ""));
}
