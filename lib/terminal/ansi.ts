/**
 * Colours of text in a terminal.
 *
 * @see https://ecma-international.org/publications-and-standards/standards/ecma-48/ section 8.3.117,
 * Select Graphic Rendition
 * @module
 */

/** The name of a colour. */
export type Color = "red" | "green" | "yellow" | "cyan" | "dim";

const CODES: Readonly<Record<Color, number>> = { red: 31, green: 32, yellow: 33, cyan: 36, dim: 2 };

/** Wraps a text in the escape sequences of a colour. Returns an empty text unchanged. */
export function paint(text: string, color: Color): string {
  return text === "" ? "" : `\x1b[${CODES[color]}m${text}\x1b[0m`;
}
