/**
 * Reads the records of a file as lines of JSON.
 *
 * @module
 */

import { readBlocks } from "../ndjson/blocks.ts";
import { toUtf8 } from "./encoding.ts";
import type { InputOptions, RecordFile } from "./format.ts";
import type { InspectedFile } from "./inspect.ts";
import { READERS } from "./readers.ts";

/**
 * Opens a file and reads its records.
 *
 * @returns blocks of whole lines. Lines of ndjson are not changed, and may be blank.
 * @throws {Error} when the file cannot be read.
 */
export async function readRecords(
  { name, format, path, open, random }: InspectedFile,
  options: InputOptions,
  to: Pick<RecordFile, "lines" | "notice">,
): Promise<AsyncIterable<Uint8Array>> {
  const chunks = open ? toUtf8(await open(), options.encoding) : new Blob([]).stream();
  if (format === "ndjson") return readBlocks(chunks);
  const read = await READERS[format]();
  return read({ name, path, chunks, random: await random?.(), ...to }, options);
}
