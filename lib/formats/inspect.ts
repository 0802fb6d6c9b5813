/**
 * Determines the format of a list file before the job starts, and checks that its beginning has that
 * format.
 *
 * @module
 */

import { type ByteSource, nameOf, openSource } from "../ndjson/blocks.ts";
import { NEWLINE } from "../util/bytes/bytes.ts";
import { checkFormat, checkNul } from "./check_format.ts";
import { type Compression, compressionOf, decompress, hasMagic } from "./compressed.ts";
import { diskFile, isGlob, openWhole } from "./disk_file.ts";
import { unmarked } from "./encoding.ts";
import {
  type Format,
  formatOfBytes,
  formatOfName,
  type InputOptions,
  isTextFormat,
} from "./format.ts";
import { isFeatureCollection } from "./json/geojson_type.ts";
import { jsonFormatOf } from "./json/json_format.ts";
import { endChunks, peek } from "./peek.ts";
import { checkTable, hasTableOptions, isTable } from "./csv/table_options.ts";
import type { RandomFile } from "./random_file.ts";

/** A list file whose format is known. */
export interface InspectedFile {
  /** The name, for messages. */
  readonly name: string;
  readonly format: Format;
  /** The path, when it is a file on this machine that is not compressed. */
  readonly path?: string | undefined;
  /** True when a user finds a record by its line in the file. @default {false} */
  readonly hasLines?: boolean | undefined;
  /** Opens the file at its start. Only a file on this machine can be opened twice. */
  readonly open?: (() => Promise<AsyncIterable<Uint8Array>>) | undefined;
  /** Opens the file instead, when its format is read at any place. */
  readonly random?: (() => Promise<RandomFile>) | undefined;
}

// The longest first line that is read before the job starts.
const MAX_HEAD = 1024 * 1024;
// A program that writes a line and waits for its result must not wait forever.
const PATIENCE = 1000;
// The part of an object with line breaks that tells what it is.
const MAX_OBJECT = 64 * 1024;
const LINE_ENDS = [NEWLINE, 13, 0];
const SPACE = 32, QUOTE = 34, LIST = 91, OBJECT = 123, OBJECT_END = 125;

/**
 * Determines the format of a file.
 *
 * @param name the name for messages, whose ending may state the format
 * @throws {UsageError} when the file does not have the format that its name states.
 * @throws {Error} when the file cannot be read.
 */
export async function inspect(
  source: ByteSource,
  options: InputOptions,
  name: string = nameOf(source),
): Promise<InspectedFile> {
  if (isGlob(source)) return new (await import("./glob_file.ts")).GlobFile(source, options);
  const path = diskFile(source);
  const patience = path === undefined ? PATIENCE : undefined;
  const raw = await peek(await openSource(source), hasMagic);
  const compression = compressionOf(raw.head);
  const content = compression ? decompress(raw.chunks, compression, name) : raw.chunks;
  // A pipe may have no second chunk until the first one is read.
  const bytes = compression && path !== undefined ? oneAhead(content) : content;
  const isList = isJsonFormat(options.format ?? formatOfName(name));
  const lines = patience === undefined || isList ? bytes : (await peek(bytes, hasLine)).chunks;
  const first = await peek(lines, isEnough, patience);
  const stated = formatOfName(name) ?? formatOfBytes(first.head);
  const format = jsonFormatOf(stated, first, options) ??
    (hasTableOptions(options) ? "csv" : "ndjson");
  const { head, isWhole, chunks } = isTable(format)
    ? await peek(first.chunks, hasWholeRecord, patience)
    : first;
  try {
    checkNul(name, format, options);
    if (options.format === undefined) checkFormat(name, format, { head, isWhole }, options);
    await checkTable(name, format, { head, isWhole }, options);
  } catch (error) {
    await endChunks(chunks);
    throw error;
  }
  const reopen = path === undefined ? undefined : opener(path, compression, name);
  const hasLines = path !== undefined && isTextFormat(format);
  const plain = { name, format, hasLines, path: compression ? undefined : path };
  if (!isTextFormat(format)) {
    const { inspectRandom } = await import("./inspect_random.ts");
    return { ...plain, random: await inspectRandom({ ...plain, chunks, reopen }) };
  }
  if (reopen) await endChunks(chunks);
  return { ...plain, open: reopen ?? openerOnce(chunks) };
}

/** Reads one chunk ahead, so that a small damaged file is refused before its first bytes are used. */
async function* oneAhead(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array | undefined;
  for await (const chunk of chunks) {
    if (held) yield held;
    held = chunk;
  }
  if (held) yield held;
}

// The functions that open a file are created outside of inspect(), because they would share its
// variables, and hold the first bytes of each file of a long list.
type Open = () => Promise<AsyncIterable<Uint8Array>>;

function opener(path: string, compression: Compression | undefined, name: string): Open {
  return async () => {
    const chunks = await openWhole(path, name);
    return compression ? decompress(chunks, compression, name) : chunks;
  };
}

function openerOnce(chunks: AsyncIterable<Uint8Array>): Open {
  return () => Promise.resolve(chunks);
}

/**
 * Returns true when the first bytes contain a line. A writer that waits for a result has written one,
 * and a part of a line may look like another format. A list of JSON may have no line breaks.
 */
function hasLine(head: Uint8Array): boolean {
  const isList = unmarked(head).find((byte) => byte > SPACE) === LIST;
  return isList || head.length >= MAX_HEAD || LINE_ENDS.some((end) => head.includes(end));
}

function isJsonFormat(format: Format | undefined): boolean {
  return format === "json" || format === "geojson";
}

/** Returns true when the first bytes contain the header of a table, whose names may contain lines. */
function hasWholeRecord(head: Uint8Array): boolean {
  let quotes = 0;
  const end = head.findIndex((byte) => {
    if (byte === QUOTE) quotes++;
    return byte === NEWLINE && quotes % 2 === 0;
  });
  return end >= 0 || head.length >= MAX_HEAD;
}

/** Returns true when the first bytes are enough to recognise the format. */
function isEnough(bytes: Uint8Array): boolean {
  if (bytes.length >= MAX_HEAD) return true;
  const head = unmarked(bytes);
  const start = head.findIndex((byte) => byte > SPACE);
  const end = start < 0 ? -1 : head.indexOf(NEWLINE, start);
  if (end < 0) return false;
  // One line with a list can be a whole file of JSON, so the next line must be read, too.
  if (head[start] === LIST || isCollection(head.subarray(start, end))) {
    return head.subarray(end).some((byte) => byte > SPACE);
  }
  // The type of an object with line breaks follows on a later line.
  return head[start] !== OBJECT || head.length >= MAX_OBJECT ||
    head.subarray(start, end).findLast((byte) => byte > SPACE) === OBJECT_END;
}

function isCollection(line: Uint8Array): boolean {
  return line[0] === OBJECT && isFeatureCollection(new TextDecoder().decode(line));
}
