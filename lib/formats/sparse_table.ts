/**
 * The limit of tables that are almost empty.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import type { Columns } from "./columns.ts";

// The cells of a table grow with the square of the results when each result has keys of its own: a
// million such results would fill any disk with separators.
const MOST_CELLS = 100_000_000, LEAST_SHARE = 0.01;

/**
 * Checks that a large table is not almost empty, once all rows were read.
 *
 * @example
 * ```ts
 * import { Columns } from "./columns.ts";
 * import { checkDensity } from "./sparse_table.ts";
 *
 * const columns = new Columns(true);
 * columns.read('{"a":1,"b":2}');
 * checkDensity("x.csv", 1, [columns]);
 * ```
 *
 * @param name the name of the file, for the message
 * @throws {UsageError} when it has more than 100 million cells, and less than 1% of them have a value
 */
export function checkDensity(name: string, rows: number, parts: readonly Columns[]): void {
  const sum = (of: (part: Columns) => number) => parts.reduce((all, part) => all + of(part), 0);
  const columns = sum(({ paths }) => paths.length), cells = rows * columns;
  if (cells <= MOST_CELLS || sum(({ count }) => count) >= cells * LEAST_SHARE) return;
  throw new UsageError(
    `Cannot write ${name}: its table would have ${columns} columns and ${rows} rows, and less ` +
      "than 1% of the cells would have a value, use the same keys in all results, or write " +
      ".ndjson or .json",
  );
}
