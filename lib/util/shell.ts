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
