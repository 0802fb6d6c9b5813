/**
 * Reads CSV and tab-separated values: each record is a task, and the header has the keys of its
 * cells.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc4180}
 * @module
 */

import { NEWLINE } from "../../util/bytes/bytes.ts";
import { CellTypes } from "./cell_types.ts";
import { columnKeys, describeHeader } from "./header.ts";
import { CsvRows } from "./rows.ts";
import { csvStart } from "./start.ts";
import type { Format, InputOptions, RecordFile } from "../format.ts";
import { peek } from "../peek.ts";
import { objectsWith } from "./row_frame.ts";

// The longest header by which the delimiter is recognised.
const MAX_HEAD = 1024 * 1024;
// More bytes at once would become too large a block.
const MAX_PIECE = 64 * 1024;

/** Reads comma-separated values. */
export function readCsv(file: RecordFile, options: InputOptions): AsyncGenerator<Uint8Array> {
  return readTable(file, "csv", options);
}

/** Reads tab-separated values. */
export function readTsv(file: RecordFile, options: InputOptions): AsyncGenerator<Uint8Array> {
  return readTable(file, "tsv", options);
}

async function* readTable(
  { name, chunks, lines, notice }: RecordFile,
  format: Format,
  options: InputOptions,
): AsyncGenerator<Uint8Array> {
  const say = (text: string) => notice(text.replace(/\s+/g, " "));
  const beginning = await peek(chunks, isEnough);
  const { delimiter, skip, notice: found } = csvStart(name, format, beginning, options);
  if (found !== undefined) say(found);
  const { hasHeader = true, hasQuotes, isTyped } = options;
  const types = isTyped ? new CellTypes() : undefined;
  let keys: readonly string[] | undefined;
  const header = (cells: readonly string[]) => {
    describeHeader(name, cells).forEach(say);
    keys = columnKeys(name, cells);
    return objectsWith(keys);
  };
  const rows = new CsvRows({
    name,
    delimiter,
    hasQuotes,
    lines,
    types,
    line: skip > 0 ? 2 : 1,
    header: hasHeader ? header : undefined,
  });
  for await (const piece of pieces(beginning.chunks, skip)) {
    const block = rows.read(piece);
    if (block.length > 0) yield block;
  }
  const last = rows.finish();
  if (last.length > 0) yield last;
  if (types) say(`Typed columns of ${name}: ${types.describe((i) => keys?.[i] ?? `${i + 1}`)}`);
}

function isEnough(head: Uint8Array): boolean {
  return head.length >= MAX_HEAD || head.includes(NEWLINE);
}

/** Cuts chunks into pieces, without the first bytes. */
async function* pieces(chunks: AsyncIterable<Uint8Array>, skip: number) {
  let at = skip;
  for await (const chunk of chunks) {
    for (; at < chunk.length; at += MAX_PIECE) yield chunk.subarray(at, at + MAX_PIECE);
    at = 0;
  }
}
