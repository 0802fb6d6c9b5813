/**
 * The readers of all formats, loaded on demand.
 *
 * @module
 */

import type { Format, RecordReader } from "./format.ts";

/** The readers of the formats that must be converted to ndjson. */
export const READERS: Readonly<
  Record<Exclude<Format, "ndjson">, () => Promise<RecordReader>>
> = {
  json: async () => (await import("./json/read_json.ts")).readJson,
  geojson: async () => (await import("./json/read_json.ts")).readGeojson,
  lines: async () => (await import("./lines.ts")).readLines,
  csv: async () => (await import("./csv/read_csv.ts")).readCsv,
  tsv: async () => (await import("./csv/read_csv.ts")).readTsv,
  parquet: async () => (await import("./parquet/read_parquet.ts")).readParquet,
};
