/**
 * The file that `results` and `query` write.
 *
 * @module
 */

import {
  type OutputFormat,
  type OutputKind,
  outputKind,
  type OutputOptions,
  type OutputSource,
} from "../formats/output.ts";
import { UsageError } from "../util/errors.ts";
import { AsideFile } from "../util/files/aside_file.ts";

/**
 * Writes results to a file, which is replaced once they are complete.
 *
 * @param format the format. @default {that of the file's ending}
 * @param optionsOf returns the options for a format
 * @param open opens the results, once the file is known to be writable
 * @throws {UsageError} when the file cannot be written, or its format has no such option.
 */
export async function writeOutput(
  name: string,
  format: OutputFormat | "table" | undefined,
  optionsOf: (kind: OutputKind) => OutputOptions,
  open: () => OutputSource | Promise<OutputSource>,
): Promise<void> {
  if (format === "table") {
    throw new UsageError("Cannot write a table to a file: use another format");
  }
  const { checkOutputKind, companionsOf, writeResults } = await import("../job/files/writers.ts");
  const named = outputKind(name), kind = { ...named, format: format ?? named.format };
  const options = optionsOf(kind);
  checkOutputKind(name, kind, options);
  using file = new AsideFile(name);
  file.claim();
  const source = await open();
  await file.replace((path) => writeResults(source, kind, options, path), companionsOf(kind));
}
