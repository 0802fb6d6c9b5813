/**
 * The start of a long text.
 *
 * @module
 */

/**
 * Cuts a text to a maximum number of characters. A text that was cut ends with an ellipsis.
 *
 * @example
 * ```ts
 * import { shorten } from "./shorten.ts";
 *
 * const cut = shorten("Madagascar", 4);
 * if (cut !== "Mada…") throw new Error(cut);
 * ```
 */
export function shorten(text: string, letters: number): string {
  return text.length > letters ? `${text.slice(0, letters)}…` : text;
}
