/**
 * The header of a table.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";

// A list in a message ends here.
const MAX_LISTED = 10;

/**
 * Returns the keys of the columns: their names, unchanged. A column without a name is named after
 * its number, because programs write such a column for the numbers of the rows.
 *
 * @param file the name of the file, for the message
 * @throws {UsageError} when two columns have the same name, because an object has each key once.
 */
export function columnKeys(file: string, cells: readonly string[]): string[] {
  const keys = cells.map(keyOf), columns = new Map<string, number>();
  for (const [i, key] of keys.entries()) {
    const other = columns.get(key);
    if (other !== undefined) throw sameName(file, key, other + 1, i + 1);
    columns.set(key, i);
  }
  return keys;
}

function sameName(file: string, key: string, first: number, second: number): UsageError {
  return new UsageError(
    `Cannot read ${file}: columns ${first} and ${second} have the same name, ` +
      `${JSON.stringify(key)}, rename one of them, or pass --no-header to get arrays`,
  );
}

function keyOf(name: string, index: number): string {
  return name === "" ? `column_${index + 1}` : name;
}

/** Describes what is unusual in a header, a sentence each. */
export function describeHeader(file: string, cells: readonly string[]): string[] {
  const unnamed = cells.flatMap((cell, i) => cell === "" ? [keyOf(cell, i)] : []);
  const padded = cells.filter((cell) => cell !== cell.trim()).map((cell) => JSON.stringify(cell));
  return [
    unnamed.length > 0 && `Columns of ${file} have no name, their keys are ${listed(unnamed)}`,
    padded.length > 0 && `Names in the header of ${file} have spaces: ${listed(padded)}`,
    cells.some(isValue) &&
    `The first record of ${file} is its header (${listed(cells)}), pass --no-header if it is not`,
  ].filter((text) => text !== false);
}

/** Returns true for a number. A name may be a year, too. */
function isValue(cell: string): boolean {
  return cell.trim() !== "" && Number.isFinite(Number(cell)) && !/^[12]\d{3}$/.test(cell);
}

function listed(names: readonly string[]): string {
  const more = names.length - MAX_LISTED;
  return names.slice(0, MAX_LISTED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
