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

/**
 * Splits a text into words as a shell does, with its quotes and backslashes. Nothing is expanded.
 *
 * @returns the words; undefined when a quote has no end
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
  const words: string[] = [];
  for (let at = 0; (at += /^\s*/.exec(text.slice(at))![0].length) < text.length;) {
    const [word] = /^(?:[^\s'"\\]|'[^']*'|"(?:[^"\\]|\\.)*"|\\.)+/s.exec(text.slice(at)) ?? [];
    if (word === undefined || /^\S/.test(text.slice(at + word.length))) return undefined;
    words.push(word.replaceAll(PARTS, unquoted));
    at += word.length;
  }
  return words;
}

const PARTS = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gs;

function unquoted(_: string, single?: string, double?: string, escaped?: string): string {
  return single ?? double?.replaceAll(/\\(["\\$`])/g, "$1") ?? escaped!;
}
