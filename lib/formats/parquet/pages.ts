/**
 * Reads the pages of one column in one row group of a Parquet file.
 *
 * @module
 */

import type { Parquet, ParquetChunk } from "../../deps.ts";
import { crc32 } from "../../util/bytes/crc32.ts";
import type { RandomFile } from "../random_file.ts";
import type { ReadPart } from "./snappy_slices.ts";
import { type Chunk, type Header, PageDecoder, type PageInput, type PageValues } from "./page.ts";

/**
 * Yields the pages of a column. A page is read when it is requested.
 *
 * @throws {Error} when the data are damaged.
 */
export function* pagesOf(
  file: RandomFile,
  decoders: Parquet,
  chunk: Chunk,
): Generator<PageValues, undefined> {
  const decoder = new PageDecoder(decoders, chunk), total = Number(chunk.meta.num_values);
  const { start, end } = chunkRange(chunk.meta);
  for (let at = start, count = 0; count < total;) {
    const { header, size } = readHeader(file, decoders, at, end);
    if (!(header.compressed_page_size >= 0)) throw new RangeError(`no page is at byte ${at}`);
    const page = decoder.decode(header, inputOf(file, chunk, header, { at, body: at + size }));
    at += size + header.compressed_page_size;
    if (page) yield page;
    count += page?.count ?? 0;
  }
}

/** Returns the bytes of a page. A page with a checksum is read as a whole. */
function inputOf(
  file: RandomFile,
  { memory }: Chunk,
  header: Header,
  { at, body }: { readonly at: number; readonly body: number },
): PageInput {
  const { compressed_page_size: size, crc } = header;
  const read: ReadPart = (from, target) =>
    void file.read(body + from, body + from + target.length, () => target);
  const all = () => {
    const bytes = file.read(body, body + size, (size) => memory.page.take(size));
    checkSum(header, bytes, at);
    return bytes;
  };
  if (crc === undefined) return { size, all, read };
  const bytes = all();
  const copy: ReadPart = (from, target) => target.set(bytes.subarray(from, from + target.length));
  return { size, all: () => bytes, read: copy };
}

/** Checks the checksum of a page, which few programs write. */
function checkSum({ crc }: Header, bytes: Uint8Array, at: number): void {
  if (crc === undefined || crc >>> 0 === crc32(bytes)) return;
  throw new RangeError(`the checksum of the page at byte ${at} is wrong`);
}

/** Returns the part of the file that contains a column. */
export function chunkRange(meta: ParquetChunk): { start: number; end: number } {
  // Some programs write 0 for a dictionary that does not exist.
  const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
  return { start, end: start + Number(meta.total_compressed_size) };
}

// Most headers are smaller. Statistics of long texts need more.
const HEADER_BYTES = 256;

function readHeader(
  file: RandomFile,
  { parquetHeader }: Parquet,
  at: number,
  end: number,
): { header: Header; size: number } {
  for (let length = HEADER_BYTES;; length *= 8) {
    const to = Math.min(at + length, end);
    const reader = { view: new DataView(file.read(at, to).buffer), offset: 0 };
    try {
      return { header: parquetHeader(reader), size: reader.offset };
    } catch (error) {
      if (to === end) throw error;
    }
  }
}
