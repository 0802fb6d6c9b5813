/**
 * Computes the rows of a long list that are in view.
 *
 * @module
 */

/** The height of a row, in pixels. */
export const ROW_HEIGHT = 32;

// Browsers limit the height of an element: Firefox to 17.8 million pixels. The rows of a longer list
// move faster than its scroll bar.
const MAX_HEIGHT = 16_000_000;

/** The part of a list that is in view. */
export interface RowWindow {
  /** The height of the whole list, in pixels. */
  readonly height: number;
  /** The position of the first row in view. */
  readonly first: number;
  /** The number of rows in view, including those in view in part. */
  readonly count: number;
  /** Returns the distance of a row from the top of the list, in pixels. */
  topOf(row: number): number;
  /** Returns the scroll position that brings a row into view with the least movement. */
  scrollTo(row: number): number;
}

/**
 * Returns the part of a list that is in view.
 *
 * @example
 * ```ts
 * import { rowWindow } from "./virtual_rows.ts";
 *
 * const { first, count, height } = rowWindow({ rows: 1000, scrollTop: 64, viewHeight: 320 });
 * if (first !== 2 || count !== 11 || height !== 32_000) throw new Error(`${first} ${count}`);
 * ```
 */
export function rowWindow({ rows, scrollTop, viewHeight }: {
  /** The number of rows. */
  readonly rows: number;
  /** The scroll position, in pixels. */
  readonly scrollTop: number;
  /** The height of the visible part, in pixels. */
  readonly viewHeight: number;
}): RowWindow {
  const full = rows * ROW_HEIGHT, height = Math.min(full, MAX_HEIGHT);
  const most = Math.max(0, height - viewHeight), fullMost = Math.max(0, full - viewHeight);
  const ratio = most > 0 ? fullMost / most : 1;
  const at = Math.min(Math.max(0, scrollTop), most), top = at * ratio;
  const first = Math.floor(top / ROW_HEIGHT);
  return {
    height,
    first,
    count: Math.min(rows - first, Math.ceil(viewHeight / ROW_HEIGHT) + 1),
    topOf: (row) => at + row * ROW_HEIGHT - top,
    scrollTo(row) {
      const start = row * ROW_HEIGHT, end = start + ROW_HEIGHT - viewHeight;
      return Math.max(Math.min(top, start), end) / ratio;
    },
  };
}
