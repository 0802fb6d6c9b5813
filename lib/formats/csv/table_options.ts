/**
 * The options for reading tables of text.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import type { Beginning } from "../check_format.ts";
import type { Format, InputOptions } from "../format.ts";

/** Returns true when options for tables are set, so that a file without a known ending is one. */
export function hasTableOptions(options: InputOptions): boolean {
  return tableFlags(options).length > 0;
}

function tableFlags({ delimiter, hasHeader, isTyped, hasQuotes }: InputOptions): string[] {
  const flags = {
    "--delimiter": delimiter !== undefined,
    "--no-header": hasHeader === false,
    "--typed": isTyped === true,
    "--no-quotes": hasQuotes === false,
  };
  return Object.entries(flags).flatMap(([flag, isSet]) => isSet ? [flag] : []);
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
    const { checkCsv } = await import("./start.ts");
    return checkCsv(name, format, beginning, options);
  }
  const [flag] = tableFlags(options);
  if (flag === undefined) return;
  throw new UsageError(
    `Cannot read ${name} as ${format} with ${flag}, which is for CSV: pass --input csv if it is CSV`,
  );
}
