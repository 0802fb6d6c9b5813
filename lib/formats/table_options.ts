/**
 * The options for reading tables of text.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import type { Beginning } from "./check_format.ts";
import type { Format, InputOptions } from "./format.ts";

/** Returns true when options for tables are set, so that a file without a known ending is one. */
export function hasTableOptions({ delimiter, hasHeader, isTyped }: InputOptions): boolean {
  return delimiter !== undefined || hasHeader === false || isTyped === true;
}

/** Returns true for a format that is a table of text. */
export function isTable(format: Format): boolean {
  return format === "csv" || format === "tsv";
}

/**
 * Checks the beginning of a table. A file of another format must have no options for tables.
 *
 * @throws {UsageError} when the header of a table cannot be read, or an option has no effect.
 */
export async function checkTable(
  name: string,
  format: Format,
  beginning: Beginning,
  options: InputOptions,
): Promise<void> {
  if (isTable(format)) {
    const { checkCsv } = await import("./csv_start.ts");
    return checkCsv(name, format, beginning, options);
  }
  if (!hasTableOptions(options)) return;
  throw new UsageError(
    `Cannot read ${name} as ${format} with --delimiter, --no-header or --typed: they are for CSV, ` +
      "pass --input csv if it is CSV",
  );
}
