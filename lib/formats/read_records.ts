/**
 * Reads the records of a file as lines of JSON.
 *
 * @module
 */

import { readBlocks } from "../ndjson/blocks.ts";
import { toUtf8 } from "./encoding.ts";
import type { Format, InputOptions, RecordFile, RecordReader } from "./format.ts";
import type { InspectedFile } from "./inspect.ts";

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

/** The readers of the formats that must be converted to ndjson. */
const READERS: Readonly<
  Record<Exclude<Format, "ndjson">, () => Promise<RecordReader>>
> = {
  json: async () => (await import("./json/read_json.ts")).readJson,
  geojson: async () => (await import("./json/read_json.ts")).readGeojson,
  lines: async () => (await import("./lines.ts")).readLines,
  csv: async () => (await import("./csv/read_csv.ts")).readCsv,
  tsv: async () => (await import("./csv/read_csv.ts")).readTsv,
  parquet: async () => (await import("./parquet/read_parquet.ts")).readParquet,
};
