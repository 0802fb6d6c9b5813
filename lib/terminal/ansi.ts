/**
 * The few colours of a terminal that are used here.
 *
 * @module
 */

const CODES = { red: 31, green: 32, yellow: 33, cyan: 36, dim: 2 } as const;

/** What a text can be painted with. */
export type Color = keyof typeof CODES;

/** A text in a colour. */
export function paint(text: string, color: Color): string {
  return text === "" ? "" : `\x1b[${CODES[color]}m${text}\x1b[0m`;
}
