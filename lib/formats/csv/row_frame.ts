/**
 * The JSON between the cells of a table.
 *
 * @module
 */

const encoder = new TextEncoder();

/** The JSON between the cells of a record, up to the quotes around them. */
export interface RowFrame {
  /** The number of cells that each record must have. @default {any} */
  readonly count?: number | undefined;
  /** The JSON before the text of each cell, with its opening quote. */
  readonly before: readonly Uint8Array[];
  /** The JSON before cells beyond these. */
  readonly beforeMore: Uint8Array;
  /** The JSON after the last cell. */
  readonly after: Uint8Array;
  /** The largest number of bytes before a cell. */
  readonly longest: number;
}

/** Records that become arrays. */
export const ARRAYS: RowFrame = frameOf(["["], "]");

/** Returns the frame for records that become objects with these keys. */
export function objectsWith(names: readonly string[]): RowFrame {
  const keys = names.map((name, i) => `${i === 0 ? "{" : ","}${JSON.stringify(name)}:`);
  return { ...frameOf(keys, "}"), count: names.length };
}

function frameOf(keys: readonly string[], after: string): RowFrame {
  const before = keys.map((key) => encoder.encode(`${key}"`)), beforeMore = encoder.encode(',"');
  const longest = before.reduce((most, { length }) => Math.max(most, length), beforeMore.length);
  return { before, beforeMore, after: encoder.encode(after), longest };
}
