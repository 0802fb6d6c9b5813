/**
 * How much room a text takes in a terminal, where some signs are as wide as two and some as none.
 *
 * @module
 */

// Of these each has one column, and most texts have no others.
const PLAIN = /^[\x20-\x7e]*$/;
// What Unicode calls wide or fullwidth, in whole blocks, and signs that are pictures by default.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;
const NARROWEST = /[\p{M}\p{Cf}\p{Cc}]/u;

/**
 * How many columns a text takes.
 *
 * @example
 * ```ts
 * import { textWidth } from "./text_width.ts";
 *
 * const widths = ["Fiji", "日本", "e\u0301"].map(textWidth);
 * if (widths.join() !== "4,4,1") throw new Error(widths.join());
 * ```
 */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const sign of text) width += signWidth(sign);
  return width;
}

function signWidth(sign: string): number {
  if (NARROWEST.test(sign)) return 0;
  return WIDE.test(sign) ? 2 : 1;
}

/**
 * A text in at most that many columns; one that is cut ends with an ellipsis.
 *
 * @example
 * ```ts
 * import { cutText } from "./text_width.ts";
 *
 * const cut = cutText("Madagascar", 5);
 * if (cut !== "Mada…") throw new Error(cut);
 * ```
 */
export function cutText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let cut = "", width = 0;
  for (const sign of text) {
    width += signWidth(sign);
    if (width > columns - 1) break;
    cut += sign;
  }
  return columns > 0 ? `${cut}…` : "";
}

/** A text with blanks behind it, or before it, up to that many columns. */
export function padText(text: string, columns: number, isRight = false): string {
  const blanks = " ".repeat(Math.max(0, columns - textWidth(text)));
  return isRight ? blanks + text : text + blanks;
}
