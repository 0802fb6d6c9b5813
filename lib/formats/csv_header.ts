/**
 * The header of a table.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";

/**
 * Returns the keys of the columns: their names, unchanged. A column without a name is named after
 * its number, because programs write such a column for the numbers of the rows.
 *
 * @param file the name of the file, for the message
 * @throws {UsageError} when two columns have the same name, because an object has each key once.
 */
export function columnKeys(file: string, cells: readonly string[]): string[] {
  const keys = cells.map((cell, i) => cell === "" ? `column_${i + 1}` : cell);
  const second = keys.findIndex((key, i) => keys.indexOf(key) < i);
  if (second < 0) return keys;
  const key = keys[second]!;
  throw new UsageError(
    `Cannot read ${file}: columns ${keys.indexOf(key) + 1} and ${second + 1} have the same name, ` +
      `${JSON.stringify(key)}, rename one of them, or pass --no-header to get arrays`,
  );
}

/** Describes what is unusual in a header, a sentence each. */
export function describeHeader(file: string, cells: readonly string[]): string[] {
  const numbers = cells.flatMap((cell, i) => cell === "" ? [i + 1] : []);
  const padded = cells.filter((cell) => cell !== cell.trim()).map((cell) => JSON.stringify(cell));
  const numeric = cells.some((cell) => cell.trim() !== "" && Number.isFinite(Number(cell)));
  return [
    ...numbers.map((n) => `Column ${n} of ${file} has no name, its key is column_${n}`),
    ...(padded.length > 0
      ? [`Names in the header of ${file} have spaces: ${padded.join(", ")}`]
      : []),
    ...(numeric
      ? [
        `The first record of ${file} is its header (${cells.join(", ")}), pass --no-header if it ` +
        "is not",
      ]
      : []),
  ];
}
