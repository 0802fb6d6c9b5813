/**
 * Measures, cuts and pads texts by their width in a terminal, where a character occupies zero, one
 * or two columns.
 *
 * @see https://www.unicode.org/reports/tr11/ East Asian Width
 *
 * @module
 */

// Most texts contain only these characters, which occupy one column each.
const PLAIN = /^[\x20-\x7e]*$/;
// The blocks that are wide or fullwidth in UAX #11, and characters shown as emoji by default.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;
const ZERO_WIDTH = /[\p{M}\p{Cf}\p{Cc}]/u;

/**
 * Returns the number of columns that a text occupies.
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
  if (ZERO_WIDTH.test(sign)) return 0;
  return WIDE.test(sign) ? 2 : 1;
}

/**
 * Cuts a text to a maximum number of columns. A text that was cut ends with an ellipsis.
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

/**
 * Returns the first lines of a text that fit into a number of rows of a terminal, which wraps longer
 * lines. A text that was cut ends with an ellipsis.
 *
 * @example
 * ```ts
 * import { firstRows } from "./text_width.ts";
 *
 * const cut = firstRows("Fiji\nMadagascar\nMali", 3, 5);
 * if (cut !== "Fiji\n…") throw new Error(cut);
 * ```
 */
export function firstRows(text: string, rows: number, columns: number): string {
  const lines = text.split("\n"), ends: number[] = [];
  for (const line of lines) {
    ends.push((ends.at(-1) ?? 0) + Math.max(1, Math.ceil(textWidth(line) / columns)));
  }
  if (ends.at(-1)! <= rows) return text;
  return [...lines.filter((_, i) => ends[i]! < rows), "…"].join("\n");
}

// The part of a message that is kept at its beginning; the end has the advice.
const HEAD_PART = 0.6;
// A longer part without a blank is not a word, such as a text in Japanese: the part itself is cut.
const LAST_WORD = /\s+\S{0,20}\u2026$/, FIRST_WORD = /^\S{0,20}\s+/;

/**
 * Shortens a message to a maximum number of columns, at words. Its beginning and its end are kept.
 *
 * @example
 * ```ts
 * import { cutMessage } from "./text_width.ts";
 *
 * const cut = cutMessage("Cannot read a.csv:2: it has 2 cells, the header has 3, mend it", 40);
 * if (cut !== "Cannot read a.csv:2: … has 3, mend it") throw new Error(cut);
 * ```
 */
export function cutMessage(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  const start = cutText(text, Math.floor(columns * HEAD_PART)).replace(LAST_WORD, " …");
  const end = lastPart(text, columns - textWidth(start) - 1);
  return `${start} ${end.replace(FIRST_WORD, "")}`;
}

function lastPart(text: string, columns: number): string {
  const signs = [...text];
  let at = signs.length, width = 0;
  while (at > 0 && (width += signWidth(signs[at - 1]!)) <= columns) at--;
  return signs.slice(at).join("");
}

/**
 * Pads a text with spaces to a number of columns.
 *
 * @param isRight true to put the spaces before the text
 */
export function padText(text: string, columns: number, isRight = false): string {
  const blanks = " ".repeat(Math.max(0, columns - textWidth(text)));
  return isRight ? blanks + text : text + blanks;
}
