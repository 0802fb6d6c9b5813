/**
 * Parses words that mean yes or no.
 *
 * @module
 */

/** The words that mean yes, in lower case. `parseBool`, `boolStr` and `truthy` share them. */
const TRUE_WORDS: ReadonlySet<string> = new Set(["1", "true", "t", "yes", "y", "on"]);

/** The words that mean no, in lower case. */
const FALSE_WORDS: ReadonlySet<string> = new Set(
  ["0", "false", "f", "no", "n", "off", "none", "null"],
);

/**
 * Parses a word that means yes (1, true, t, yes, y, on) or no (0, false, f, no, n, off, none,
 * null). Case and surrounding spaces are ignored. Booleans in the config file, the environment and
 * the flags are all parsed with this function.
 *
 * @example
 * ```ts
 * import { parseBool } from "./parse_bool.ts";
 *
 * const read = ["Yes", " off ", "maybe"].map(parseBool);
 * if (String(read) !== "true,false,") throw new Error("wrong words");
 * ```
 *
 * @returns the boolean, or `undefined` for any other text, including the empty text
 */
export function parseBool(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (TRUE_WORDS.has(word)) return true;
  return FALSE_WORDS.has(word) ? false : undefined;
}
