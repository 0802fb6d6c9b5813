/**
 * Compresses gzip and zstd, and decompresses them, recognised by their first bytes.
 *
 * @module
 */

import { loadZstd } from "../deps.ts";
import { UsageError } from "../util/errors.ts";
import { nodeModule } from "../util/node_module.ts";

/** The formats of compression, each with its first bytes. */
const MAGIC = { gzip: [0x1f, 0x8b], zstd: [0x28, 0xb5, 0x2f, 0xfd] } as const;

/** The name of a format of compression. */
export type Compression = keyof typeof MAGIC;

/** Returns the compression of bytes, or `undefined`. */
export function compressionOf(head: Uint8Array): Compression | undefined {
  const names = Object.keys(MAGIC) as Compression[];
  return names.find((name) => MAGIC[name].every((byte, i) => head[i] === byte));
}

/** Returns true when bytes are enough to determine their compression. */
export function hasMagic(head: Uint8Array): boolean {
  const isOpen = (magic: readonly number[]) =>
    head.length < magic.length && head.every((byte, i) => byte === magic[i]);
  return head.length > 0 && !Object.values(MAGIC).some(isOpen);
}

/**
 * Decompresses chunks. Several compressed files in a row are read as one.
 *
 * @param name the name of the file, for messages
 * @returns the chunks; their memory is not reused.
 * @throws {UsageError} when the data are damaged or end early.
 */
export function decompress(
  chunks: AsyncIterable<Uint8Array>,
  compression: Compression,
  name: string,
): AsyncGenerator<Uint8Array> {
  const cannotRead = (cause: unknown) =>
    new UsageError(
      `Cannot read ${name}: its ${compression} data are damaged or end early ` +
        `(${(cause as Error).message}), make the file again`,
      { cause },
    );
  return compression === "gzip" ? gunzip(chunks, cannotRead) : unzstd(chunks, cannotRead);
}

type ToError = (cause: unknown) => Error;

async function* gunzip(chunks: AsyncIterable<Uint8Array>, cannotRead: ToError) {
  const { createGunzip } = nodeModule<typeof import("node:zlib")>("node:zlib");
  const { pipeline, Readable } = nodeModule<typeof import("node:stream")>("node:stream");
  let failed: unknown;
  const source = Readable.from(copies(chunks, (error) => failed = error)), stream = createGunzip();
  // The loop below receives the error; the callback only keeps it from being thrown twice.
  pipeline(source, stream, () => {});
  try {
    yield* stream as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw failed ?? cannotRead(error);
  } finally {
    stream.destroy();
    source.destroy();
  }
}

/** Copies chunks, because the decompressor reads them after the next one is requested. */
async function* copies(chunks: AsyncIterable<Uint8Array>, onError: (error: unknown) => void) {
  try {
    for await (const chunk of chunks) yield chunk.slice();
  } catch (error) {
    onError(error);
    throw error;
  }
}

/**
 * Decompresses zstd with a package, because Deno's own decompressor reads only the first of several
 * frames, and takes a file that ends early for a whole one.
 */
async function* unzstd(chunks: AsyncIterable<Uint8Array>, cannotRead: ToError) {
  const { Decompress } = await loadZstd();
  let ready: Uint8Array[] = [];
  const stream = new Decompress((chunk) => void ready.push(chunk.slice()));
  const push = (chunk: Uint8Array, isLast: boolean) => {
    ready = [];
    try {
      stream.push(chunk, isLast);
    } catch (error) {
      throw cannotRead(error);
    }
    return ready;
  };
  for await (const chunk of chunks) yield* push(chunk.slice(), false);
  yield* push(new Uint8Array(0), true);
}

/** Compresses chunks. */
export async function* compress(
  chunks: AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncGenerator<Uint8Array> {
  const { createGzip, createZstdCompress } = nodeModule<typeof import("node:zlib")>("node:zlib");
  const { pipeline, Readable } = nodeModule<typeof import("node:stream")>("node:stream");
  const source = Readable.from(chunks);
  const stream = compression === "gzip" ? createGzip() : createZstdCompress();
  // The loop below receives the error; the callback only keeps it from being thrown twice.
  pipeline(source, stream, () => {});
  yield* stream as AsyncIterable<Uint8Array>;
}
