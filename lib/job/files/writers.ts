/**
 * The writers of all formats of results, loaded on demand.
 *
 * @module
 */

import { compress } from "../../formats/compressed.ts";
import {
  type FileWriter,
  OUTPUT_FORMATS,
  type OutputFormat,
  type OutputKind,
  outputKind,
  type OutputOptions,
  type OutputSource,
  type TextWriter,
} from "../../formats/output.ts";
import { UsageError } from "../../util/errors.ts";
import { writeAll } from "../../util/files/fs.ts";

// A name with such an ending would be wrong for lines of JSON, also for compressed ones.
const OTHER_FORMATS = [
  ...["xls", "xlsx", "xlsm", "xlsb", "ods", "db", "db3", "duckdb"],
  ...["gpkg", "shp", "kml", "kmz", "fgb", "topojson", "geoparquet", "tif", "tiff"],
  ...[
    "arrow",
    "feather",
    "avro",
    "orc",
    "h5",
    "hdf5",
    "nc",
    "npy",
    "npz",
    "pkl",
    "pickle",
    "mat",
    "rds",
  ],
  ...["xml", "htm", "html", "yml", "yaml", "toml"],
  ...["tar", "tgz", "bz2", "xz", "zip", "7z", "lz4", "br"],
];
const OTHER_ENDING = new RegExp(`(\\.(?:${OTHER_FORMATS.join("|")}))(?:\\.(?:gz|zst))?$`, "i");

/** The writer of a format: of text, which may go to stdout, or of a file. */
type OutputWriter =
  | { readonly isText: true; readonly load: () => Promise<TextWriter> }
  | { readonly isText: false; readonly load: () => Promise<FileWriter> };

const WRITERS: { readonly [F in OutputFormat]: OutputWriter } = {
  ndjson: {
    isText: true,
    load: async () => (await import("../../formats/json/write_json.ts")).writeLines,
  },
  json: {
    isText: true,
    load: async () => (await import("../../formats/json/write_json.ts")).writeArray,
  },
  csv: {
    isText: true,
    load: async () => (await import("../../formats/csv/write_csv.ts")).writeCsv,
  },
  tsv: {
    isText: true,
    load: async () => (await import("../../formats/csv/write_csv.ts")).writeTsv,
  },
  lines: {
    isText: true,
    load: async () => (await import("../../formats/write_lines.ts")).writeTexts,
  },
  geojson: {
    isText: true,
    load: async () => (await import("../../formats/json/write_geojson.ts")).writeGeojson,
  },
  parquet: {
    isText: false,
    load: async () => (await import("../../formats/parquet/write_parquet.ts")).writeParquet,
  },
  sqlite: { isText: false, load: async () => (await import("./write_sqlite.ts")).writeSqlite },
};

/**
 * Checks the format and the options of a file of results.
 *
 * @param target the name of the file, or the words for stdout
 * @throws {UsageError} when the format cannot be compressed, or has no such option, or when the
 * ending of the name states a format that is not written.
 */
export function checkOutputKind(
  target: string,
  { format, compression }: OutputKind,
  options: OutputOptions,
): void {
  if (target === "-") {
    throw new UsageError("Cannot write -: leave out --output to write to stdout");
  }
  const [, ending] = format === "ndjson" ? OTHER_ENDING.exec(target) ?? [] : [];
  if (ending !== undefined) {
    const formats = OUTPUT_FORMATS.map((name) => name === "lines" ? ".txt" : `.${name}`).join(", ");
    throw new UsageError(
      `Cannot write ${target}: ${ending} is not written, write ${formats}, .gz or .zst`,
    );
  }
  if (compression && !WRITERS[format].isText) {
    throw new UsageError(
      `Cannot write ${target}: files of ${format} are not compressed, leave out the last ending`,
    );
  }
  if (options.withArgs && format === "lines") {
    throw new UsageError(
      `Cannot use --with-args for ${target}: a line of text is only a result, write tsv or ndjson`,
    );
  }
  const extra = tableFlag(options);
  if (extra === undefined || format === "csv" || format === "tsv") return;
  throw new UsageError(
    `Cannot use ${extra} for ${target}: it is for csv and tsv, and the format is ${format}`,
  );
}

/** Returns the flag of an option that only tables have; `undefined` when none is set. */
export function tableFlag({ nested, raw }: OutputOptions): string | undefined {
  return nested !== undefined ? "--nested" : raw ? "--raw" : undefined;
}

/**
 * Returns results as text in a format.
 *
 * @throws {UsageError} when the format is not text, or cannot represent the results.
 */
export async function* resultsText(
  source: OutputSource,
  format: OutputFormat,
  options: OutputOptions,
): AsyncGenerator<string> {
  const writer = WRITERS[format];
  if (!writer.isText) {
    throw new UsageError(`Cannot print ${format}: it is not text, write --output FILE`);
  }
  const write = await writer.load();
  yield* write(source, options);
}

/**
 * Writes results to a file.
 *
 * @param path the path of the file, which exists and is empty
 */
export async function writeResults(
  source: OutputSource,
  { format, compression }: OutputKind,
  options: OutputOptions,
  path: string,
): Promise<void> {
  const writer = WRITERS[format];
  if (!writer.isText) return await (await writer.load())(source, options, path);
  const bytes = encode((await writer.load())(source, options));
  using file = Deno.openSync(path, { write: true });
  for await (const chunk of compression ? compress(bytes, compression) : bytes) {
    writeAll(file, chunk, source.name, "write it again");
  }
}

async function* encode(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const text of texts) yield encoder.encode(text);
}

/**
 * Returns what is added to the name of a file in the names of files that belong to its content.
 *
 * @see {@link https://www.sqlite.org/tempfiles.html}
 */
export function companionsOf({ format }: OutputKind): string[] {
  // With the log of an earlier database, SQLite would read and restore the earlier content.
  return format === "sqlite" ? ["-wal", "-shm", "-journal"] : [];
}

/**
 * Returns true when a file of results is written once the job has ended. Lines of ndjson are written
 * while it runs.
 */
export function isWrittenAtEnd(name: string, { withArgs = false }: OutputOptions = {}): boolean {
  const { format, compression } = outputKind(name);
  return format !== "ndjson" || compression !== undefined || withArgs;
}
