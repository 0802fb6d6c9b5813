/**
 * Divides a stream of zstd into its frames.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8878#section-3}
 * @module
 */

import { concatBytes } from "../util/bytes/bytes.ts";
import { ChunkReader } from "./chunk_reader.ts";

type ToError = (cause: Error) => Error;

const MAGIC_SIZE = 4, MAGIC = 0xfd2fb528, CHECKSUM_SIZE = 4;
// The last four bits of the first number of a skippable frame may have any value.
const SKIPPABLE = 0x184d2a5, SKIPPED_AT_ONCE = 64 * 1024;
const BLOCK_HEADER = 3, REPEATED = 1;

/**
 * Reads frames, which are decompressed one by one: the decompressor of Deno reads only the first of
 * several frames, and takes a frame that ends early for a whole one. Skippable frames are left out.
 *
 * @param toError returns the error for bytes that are not zstd, or end early
 * @returns the bytes of each frame, which must be read before the next frame. They are copies.
 */
export async function* zstdFrames(
  chunks: AsyncIterable<Uint8Array>,
  toError: ToError,
): AsyncGenerator<AsyncGenerator<Uint8Array>> {
  const source = new ChunkReader(chunks), reader = new ExactReader(source, toError);
  try {
    while (!await reader.isAtEnd()) {
      const magic = await reader.take(MAGIC_SIZE), number = uint32(magic);
      if (number >>> 4 === SKIPPABLE) await skip(reader, uint32(await reader.take(4)));
      else if (number === MAGIC) yield frame(reader, magic);
      else throw toError(new TypeError("other bytes follow them"));
    }
  } finally {
    await source.close();
  }
}

async function* frame(reader: ExactReader, magic: Uint8Array): AsyncGenerator<Uint8Array> {
  const start = await reader.take(1), [descriptor = 0] = start;
  yield concatBytes([magic, start, await reader.take(headerSize(descriptor))]);
  for (let isLast = false; !isLast;) {
    const header = await reader.take(BLOCK_HEADER);
    const bits = header[0]! | header[1]! << 8 | header[2]! << 16;
    isLast = (bits & 1) === 1;
    const size = (bits >> 1 & 3) === REPEATED ? 1 : bits >> 3;
    yield concatBytes([header, await reader.take(size)]);
  }
  if ((descriptor & 4) !== 0) yield await reader.take(CHECKSUM_SIZE);
}

/** Returns the size of the fields that follow the descriptor of a frame. */
function headerSize(descriptor: number): number {
  const isSingle = (descriptor & 32) !== 0, content = descriptor >> 6;
  const sizeOfContent = content === 0 ? Number(isSingle) : 1 << content;
  return Number(!isSingle) + [0, 1, 2, 4][descriptor & 3]! + sizeOfContent;
}

async function skip(reader: ExactReader, size: number): Promise<void> {
  for (let rest = size; rest > 0; rest -= SKIPPED_AT_ONCE) {
    await reader.take(Math.min(rest, SKIPPED_AT_ONCE));
  }
}

function uint32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
}

/** Reads exact numbers of bytes from chunks of any size. */
class ExactReader {
  #chunks: ChunkReader;
  #toError: ToError;
  #parts: Uint8Array[] = [];
  #size = 0;

  constructor(chunks: ChunkReader, toError: ToError) {
    this.#chunks = chunks;
    this.#toError = toError;
  }

  /** Returns true when there are no more bytes. */
  async isAtEnd(): Promise<boolean> {
    return this.#size === 0 && !await this.#read();
  }

  /** Returns a number of bytes, which are a copy. */
  async take(size: number): Promise<Uint8Array> {
    while (this.#size < size) {
      if (!await this.#read()) throw this.#toError(new TypeError("unexpected end of file"));
    }
    const all = this.#parts.length === 1 ? this.#parts[0]! : concatBytes(this.#parts);
    this.#parts = [all.subarray(size)];
    this.#size -= size;
    return all.subarray(0, size);
  }

  /** Reads a chunk that is not empty. Returns false at the end. */
  async #read(): Promise<boolean> {
    for (;;) {
      const chunk = await this.#chunks.next();
      if (chunk === undefined) return false;
      if (chunk.length === 0) continue;
      this.#parts.push(chunk.slice());
      this.#size += chunk.length;
      return true;
    }
  }
}
