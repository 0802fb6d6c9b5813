/**
 * The formats of files of results, and the contract of their writers.
 *
 * @module
 */

import type { Notice } from "./format.ts";

/** The name of a format that results can be written in. */
export type OutputFormat =
  | "ndjson"
  | "json"
  | "csv"
  | "tsv"
  | "lines"
  | "geojson"
  | "parquet"
  | "sqlite";

/** The names of all formats of results. Each has an entry in `lib/job/files/writers.ts`. */
export const OUTPUT_FORMATS: readonly OutputFormat[] = [
  "ndjson",
  "json",
  "csv",
  "tsv",
  "lines",
  "geojson",
  "parquet",
  "sqlite",
];

/** The endings of compressed files of text. */
const COMPRESSIONS = new Map([["gz", "gzip"], ["zst", "zstd"]] as const);

const ENDINGS: ReadonlyMap<string, OutputFormat> = new Map([
  ...OUTPUT_FORMATS.map((format) => [format, format] as const),
  ["jsonl", "ndjson"],
  // A list with these endings is read in these formats.
  ["tab", "tsv"],
  ["pq", "parquet"],
  ["sqlite3", "sqlite"],
  ["txt", "lines"],
]);

/** The options for writing results. */
export interface OutputOptions {
  /**
   * The form of objects inside results in CSV and TSV: a column for each of their keys, such as
   * `a.b`, or one column of JSON.
   * @default {"columns"}
   */
  readonly nested?: "columns" | "json" | undefined;
  /**
   * True to keep texts that a spreadsheet would calculate as formulas, instead of an apostrophe
   * before them, in CSV and TSV.
   * @default {false}
   */
  readonly raw?: boolean | undefined;
  /** True to write the id and the arguments of the task beside each result. @default {false} */
  readonly withArgs?: boolean | undefined;
}

/** A result, with the task that returned it. */
export interface OutputRow {
  /** The task's position in the list, from 0. */
  readonly id: number;
  /** The result, as JSON text. */
  readonly result: string;
  /** The arguments of the task, as JSON text, with the option `withArgs`. */
  readonly args?: string | undefined;
}

/** The results to write. */
export interface OutputSource {
  /** The name of the file to write, for messages. */
  readonly name: string;
  /** The keys of all results, when they are known before they are read. */
  readonly keys?: readonly string[] | undefined;
  /** Receives facts about the file to write. @default {not reported} */
  readonly notice?: Notice | undefined;
  /** The folder of the job, if all results are those of one job. */
  readonly folder?: string | undefined;
  /**
   * Returns the results in the order of the list, in batches. Each call begins at the first result,
   * and returns the same results.
   */
  readonly rows: () => AsyncIterable<readonly OutputRow[]>;
}

/** Converts results to text. It must not yield before it knows that it can convert all of them. */
export type TextWriter = (source: OutputSource, options: OutputOptions) => AsyncIterable<string>;

/** Writes results to a file, which exists and is empty. An error leaves a file that is removed. */
export type FileWriter = (
  source: OutputSource,
  options: OutputOptions,
  path: string,
) => Promise<void>;

/** The format of a file of results. */
export interface OutputKind {
  readonly format: OutputFormat;
  readonly compression?: "gzip" | "zstd" | undefined;
}

/**
 * Returns the format that the name of a file of results states. A name with an unknown ending is
 * ndjson.
 *
 * @example
 * ```ts
 * import { outputKind } from "./output.ts";
 *
 * const { format, compression } = outputKind("means.csv.gz");
 * if (format !== "csv" || compression !== "gzip") throw new Error(format);
 * ```
 */
export function outputKind(name: string): OutputKind {
  const [, ...endings] = name.split("/").at(-1)!.toLowerCase().split(".");
  const [before = "", ending = before] = endings.slice(-2);
  const compression = COMPRESSIONS.get(ending as "gz" | "zst");
  return { format: ENDINGS.get(compression ? before : ending) ?? "ndjson", compression };
}
