/**
 * Reads lines of text, such as the names of files: each line is a task, and its text the argument.
 *
 * @module
 */

import { MARKED } from "../ndjson/bad_line.ts";
import { concatBytes, NEWLINE } from "../util/bytes/bytes.ts";
import { hasMark } from "./encoding.ts";
import {
  badRecord,
  type InputOptions,
  MAX_RECORD,
  NOT_TEXT,
  type RecordFile,
  TOO_LONG,
} from "./format.ts";

const CR = 13;

/**
 * Converts each line to a JSON string. A line that is not UTF-8 fails alone, because JSON cannot
 * represent it, and so does one with the byte order mark of a file that was joined to another one.
 * Empty lines are not records, but a text that ends with a NUL may be empty.
 */
export async function* readLines(
  { name, chunks, lines, notice }: RecordFile,
  { isNulSeparated = false }: InputOptions,
): AsyncGenerator<Uint8Array> {
  const end = isNulSeparated ? 0 : NEWLINE, encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let record = 0, line = 0;
  for await (const block of blocksOf(chunks, end)) {
    let text = "";
    for (const bytes of split(block, end)) {
      line++;
      const piece = isNulSeparated ? bytes : withoutCr(bytes);
      if (piece.length === 0 && !isNulSeparated) continue;
      lines.set(record++, line);
      // A name that ends with a NUL is exact.
      const isMarked = !isNulSeparated && hasMark(piece);
      text += (isMarked ? badRecord(name, line, MARKED) : toJson(piece, decoder, name, line)) +
        "\n";
    }
    if (text !== "") yield encoder.encode(text);
    // The block of a file without any NUL is the whole file.
    if (isNulSeparated && line === 1 && block.at(-1) !== end && block.includes(NEWLINE)) {
      notice(`${name} has no NUL: all of its lines are one text, leave out -0 to read each line`);
    }
  }
}

function toJson(bytes: Uint8Array, decoder: TextDecoder, name: string, line: number): string {
  if (bytes.length > MAX_RECORD) return badRecord(name, line, TOO_LONG);
  try {
    return JSON.stringify(decoder.decode(bytes));
  } catch {
    return badRecord(name, line, NOT_TEXT);
  }
}

function withoutCr(bytes: Uint8Array): Uint8Array {
  return bytes.at(-1) === CR ? bytes.subarray(0, -1) : bytes;
}

/**
 * Joins chunks to blocks of whole texts. The last text may lack its end, and a text that is too long
 * lacks a part after `MAX_RECORD`.
 */
async function* blocksOf(chunks: AsyncIterable<Uint8Array>, end: number) {
  let parts: Uint8Array[] = [], length = 0;
  for await (const chunk of chunks) {
    const size = chunk.lastIndexOf(end) + 1;
    if (size > 0) {
      yield concatBytes([...parts, chunk.subarray(0, size)]);
      parts = [];
      length = 0;
    }
    if (size === chunk.length || length > MAX_RECORD) continue;
    parts.push(chunk.slice(size));
    length += chunk.length - size;
  }
  if (parts.length > 0) yield concatBytes(parts);
}

function* split(block: Uint8Array, end: number): Generator<Uint8Array> {
  for (let start = 0; start < block.length;) {
    const at = block.indexOf(end, start), to = at < 0 ? block.length : at;
    yield block.subarray(start, to);
    start = to + 1;
  }
}
