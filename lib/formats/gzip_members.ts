/**
 * Decompresses gzip.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc1952#page-5}
 * @module
 */

import { nodeModule } from "../util/node_module.ts";
import { ChunkReader } from "./chunk_reader.ts";

type Gunzip = import("node:zlib").Gunzip;
type ToError = (cause: unknown) => Error;

const NO_BYTES = new Uint8Array(0);

/**
 * Decompresses members, which follow each other directly or after zeros, with which some programs
 * fill a block. The decompressor takes zeros for the end of the file, whatever follows them.
 *
 * @param toError returns the error for bytes that are not gzip, or end early
 */
export async function* gunzip(
  chunks: AsyncIterable<Uint8Array>,
  toError: ToError,
): AsyncGenerator<Uint8Array> {
  const { createGunzip } = nodeModule<typeof import("node:zlib")>("node:zlib");
  const reader = new ChunkReader(chunks), input = new GzipInput(reader);
  try {
    while (await input.isAtMember()) yield* input.expanded(createGunzip(), toError);
  } finally {
    await reader.close();
  }
}

/** The bytes of a file, which several decompressors read one after the other. */
class GzipInput {
  #chunks: ChunkReader;
  /** The current chunk, without what the last decompressor has read of it. */
  #chunk: Uint8Array = NO_BYTES;
  /** The number of bytes that the current decompressor has received. */
  #given = 0;
  /** The error of the chunks. */
  #failed: unknown;

  constructor(chunks: ChunkReader) {
    this.#chunks = chunks;
  }

  /** Moves past zeros. Returns false at the end. */
  async isAtMember(): Promise<boolean> {
    do {
      const at = this.#chunk.findIndex((byte) => byte !== 0);
      if (at >= 0) {
        this.#chunk = this.#chunk.subarray(at);
        return true;
      }
    } while (await this.#read());
    return false;
  }

  /** Yields the content of the members up to the next zeros. */
  async *expanded(stream: Gunzip, toError: ToError): AsyncGenerator<Uint8Array> {
    // The loop below receives an error of the decompressor, too.
    this.#feed(stream).catch((error) => stream.destroy(error));
    try {
      yield* stream as AsyncIterable<Uint8Array>;
      this.#chunk = this.#chunk.subarray(this.#chunk.length - this.#left(stream));
    } catch (error) {
      throw this.#failed ?? toError(error);
    } finally {
      stream.destroy();
    }
  }

  /** Writes chunks until the decompressor leaves a part of one. */
  async #feed(stream: Gunzip): Promise<void> {
    this.#given = 0;
    do {
      this.#given += this.#chunk.length;
      await written(stream, this.#chunk);
      if (this.#left(stream) > 0) return;
    } while (await this.#read());
    stream.end();
  }

  /** Returns the number of bytes that a decompressor has not read. */
  #left({ bytesWritten }: Gunzip): number {
    return this.#given - bytesWritten;
  }

  /** Reads the next chunk. Returns false at the end. */
  async #read(): Promise<boolean> {
    try {
      const chunk = await this.#chunks.next();
      this.#chunk = chunk ?? NO_BYTES;
      return chunk !== undefined;
    } catch (error) {
      this.#failed = error;
      throw error;
    }
  }
}

function written(stream: Gunzip, chunk: Uint8Array): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  stream.write(chunk, (error) => error ? reject(error) : resolve());
  return promise;
}
