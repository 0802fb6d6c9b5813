/**
 * The formats of list files, and the contract of their readers.
 *
 * @module
 */

import type { LineNumbers } from "./line_numbers.ts";
import type { RandomFile } from "./random_file.ts";

/** The name of a format that a list can have. */
export type Format = "ndjson" | "json" | "geojson" | "lines" | "csv" | "tsv" | "parquet";

/** The names of all formats. A format other than ndjson has a reader in `read_records.ts`. */
export const FORMATS: readonly Format[] = [
  "ndjson",
  "json",
  "geojson",
  "lines",
  "csv",
  "tsv",
  "parquet",
];

/** The options for reading the files of a list. */
export interface InputOptions {
  /**
   * The format of the files.
   * @default {by the ending of the name, then by the first bytes}
   */
  readonly format?: Format | undefined;
  /**
   * The encoding of text, as the Encoding Standard names it, such as `latin1` or `utf-16`.
   * @default {"utf-8"}
   */
  readonly encoding?: string | undefined;
  /** True when a NUL instead of a newline ends each line of the format `lines`. */
  readonly isNulSeparated?: boolean | undefined;
  /**
   * The character between the cells of CSV: one of ASCII, or `tab`.
   * @default {a comma, or what divides the first records evenly}
   */
  readonly delimiter?: string | undefined;
  /**
   * False when the first record of CSV is not a header, so that records become arrays.
   * @default {true}
   */
  readonly hasHeader?: boolean | undefined;
  /** True when cells of CSV become numbers, booleans and null where their text is one exactly. */
  readonly isTyped?: boolean | undefined;
  /**
   * False when quotes in CSV are text, so that no cell contains a delimiter or a line break.
   * @default {true}
   */
  readonly hasQuotes?: boolean | undefined;
}

/**
 * Receives a fact about a file that the user should know, as one sentence.
 *
 * @param isChange true when values are not kept as they are, which no option may hide.
 * @default {false}
 */
export type Notice = (text: string, isChange?: boolean) => void;

/** A file that a reader reads. */
export interface RecordFile {
  /** The name of the file, for messages. */
  readonly name: string;
  /**
   * The bytes, decompressed and, for a text format, in UTF-8 without a byte order mark. The memory
   * of a chunk is valid until the next chunk is requested.
   */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** The path, when it is a file on this machine whose bytes are those of the chunks. */
  readonly path?: string | undefined;
  /** The open file, when its format is read at any place. Then there are no chunks. */
  readonly random?: RandomFile | undefined;
  /** Receives the line on which each record begins. */
  readonly lines: LineNumbers;
  readonly notice: Notice;
}

/**
 * Converts the records of a file to JSON.
 *
 * A record that cannot be read becomes a {@linkcode badRecord}, so that it fails alone.
 *
 * @returns blocks of whole lines, a line for each record. Their memory is not reused.
 */
export type RecordReader = (file: RecordFile, options: InputOptions) => AsyncIterable<Uint8Array>;

/** The longest record of a format of text other than JSON, in bytes. */
export const MAX_RECORD = 16 * 1024 * 1024;

/** The reason why a record with other bytes than text cannot be read. */
export const NOT_TEXT =
  "it is not UTF-8, or not in the encoding of --encoding: name the encoding " +
  "of the list, such as --encoding latin1";

/** The reason why a longer record cannot be read. */
export const TOO_LONG = `it is longer than ${MAX_RECORD >> 20} MiB`;

/**
 * Returns the text that takes the place of a record that cannot be read. It is not JSON, so its task
 * fails on every engine, and it is the message of that failure.
 *
 * @example
 * ```ts
 * import { badRecord } from "./format.ts";
 *
 * const text = badRecord("a.csv", 7, "it has 3 cells,\nthe header has 2");
 * if (text !== "Cannot read a.csv:7: it has 3 cells, the header has 2") throw new Error(text);
 * ```
 */
export function badRecord(name: string, line: number, reason: string): string {
  return `Cannot read ${name}:${line}: ${reason}`.replace(/\s+/g, " ");
}

/**
 * Returns the text that takes the place of an element that a cut cannot judge, like
 * {@linkcode badRecord}.
 */
export function badElement(place: string, reason: string): string {
  return `Cannot filter ${place}: ${reason}`.replace(/\s+/g, " ");
}

/** Returns the reason why a schema refuses an element. */
export function badSchema(place: string, reason: string): string {
  return `Cannot use ${place}: ${reason}`.replace(/\s+/g, " ");
}

/**
 * Returns the line that takes the place of an element that a schema refuses, like
 * {@linkcode badRecord}. A tab separates the reason from the element, which has no other copy.
 *
 * @param reason a {@linkcode badSchema}
 */
export function refusedLine(reason: string, element: string): string {
  return `${reason}\t${element}`;
}

/** Returns the element in a {@linkcode refusedLine}; `undefined` for any other line. */
export function refusedElement(line: string): string | undefined {
  const at = isBadSchema(line) ? line.indexOf("\t") : -1;
  return at < 0 ? undefined : line.slice(at + 1);
}

/** Returns the reason in a line for which {@linkcode isBadRecord} is true. */
export function reasonIn(line: string): string {
  return line.split("\t", 1)[0]!;
}

/** Returns true for the text of a {@linkcode badSchema}, or a line that begins with it. */
export function isBadSchema(text: string): boolean {
  return /^Cannot use .+?: /.test(text);
}

/** Returns true for a text that takes the place of an element: it is the reason of the failure. */
export function isBadRecord(text: string): boolean {
  return /^Cannot (?:read .+?:\d+|filter .+?): /.test(text) || isBadSchema(text);
}

const ENDINGS: Readonly<Record<string, Format>> = {
  ndjson: "ndjson",
  jsonl: "ndjson",
  json: "json",
  geojson: "geojson",
  geojsonl: "ndjson",
  ndgeojson: "ndjson",
  geojsons: "geojson",
  geojsonseq: "geojson",
  txt: "lines",
  csv: "csv",
  tsv: "tsv",
  tab: "tsv",
  parquet: "parquet",
  geoparquet: "parquet",
  pq: "parquet",
};

/**
 * Returns the format that a file's name states, or `undefined`. Endings of compressed files, such as
 * `.gz`, are not part of it.
 */
export function formatOfName(name: string): Format | undefined {
  // In a path on this machine, these characters are part of the name.
  const path = /^(?:https?|file):\//i.test(name) ? name.replace(/[?#].*$/, "") : name;
  const [, ending = ""] = /\.([^./]+?)(?:\.(?:gz|zst))*$/i.exec(path) ?? [];
  return ENDINGS[ending.toLowerCase()];
}

/** Returns true for a format whose files are text. */
export function isTextFormat(format: Format): boolean {
  return format !== "parquet";
}

/** Returns the format that the first bytes of a file state, or `undefined`. */
export function formatOfBytes(head: Uint8Array): Format | undefined {
  return PAR1.every((byte, i) => head[i] === byte) ? "parquet" : undefined;
}

// "PAR1" in ASCII.
const PAR1 = [80, 65, 82, 49];
