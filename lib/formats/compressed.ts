/**
 * Compresses gzip and zstd, and decompresses them, recognised by their first bytes.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { nodeModule } from "../util/node_module.ts";
import { gunzip } from "./gzip_members.ts";
import { zstdFrames } from "./zstd_frames.ts";

/** The name of a format of compression. */
export type Compression = "gzip" | "zstd";

/** The first bytes of a compressed file. */
interface Magic {
  readonly name: Compression;
  readonly bytes: readonly number[];
  /** The bits of the first byte that are always the same. */
  readonly mask: number;
}

const MAGIC: readonly Magic[] = [
  { name: "gzip", bytes: [0x1f, 0x8b], mask: 0xff },
  { name: "zstd", bytes: [0x28, 0xb5, 0x2f, 0xfd], mask: 0xff },
  // A frame that is skipped, with which pzstd begins.
  { name: "zstd", bytes: [0x50, 0x2a, 0x4d, 0x18], mask: 0xf0 },
];

/** Returns the compression of bytes, or `undefined`. */
export function compressionOf(head: Uint8Array): Compression | undefined {
  return MAGIC.find((magic) => head.length >= magic.bytes.length && isLike(head, magic))?.name;
}

/** Returns true when bytes are enough to determine their compression. */
export function hasMagic(head: Uint8Array): boolean {
  const isOpen = (magic: Magic) => head.length < magic.bytes.length && isLike(head, magic);
  return head.length > 0 && !MAGIC.some(isOpen);
}

/** Returns true when bytes are like those of a compressed file, as far as both go. */
function isLike(head: Uint8Array, { bytes, mask }: Magic): boolean {
  const [first = 0, ...more] = head.subarray(0, bytes.length);
  return (first & mask) === bytes[0] && more.every((byte, i) => byte === bytes[i + 1]);
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

// The largest number of bits. Memory is used only for what a file contains.
const MAX_WINDOW = 31;

async function* unzstd(chunks: AsyncIterable<Uint8Array>, cannotRead: ToError) {
  const { constants, createZstdDecompress } = nodeModule<typeof import("node:zlib")>("node:zlib");
  const params = { [constants.ZSTD_d_windowLogMax]: MAX_WINDOW };
  for await (const frame of zstdFrames(chunks, cannotRead)) {
    yield* expanded(frame, createZstdDecompress({ params }), cannotRead);
  }
}

/** Sends chunks through a decompressor. An error of the chunks is not one of their content. */
async function* expanded(
  chunks: AsyncIterable<Uint8Array>,
  stream: import("node:stream").Transform,
  cannotRead: ToError,
) {
  const { pipeline, Readable } = nodeModule<typeof import("node:stream")>("node:stream");
  let failed: unknown;
  const source = Readable.from(watched(chunks, (error) => failed = error));
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

async function* watched(chunks: AsyncIterable<Uint8Array>, onError: (error: unknown) => void) {
  let isTaken = false;
  try {
    for await (const chunk of chunks) {
      isTaken = true;
      yield chunk;
      isTaken = false;
    }
  } catch (error) {
    // A decompressor that throws at once does so where it takes a chunk.
    if (!isTaken) onError(error);
    throw error;
  }
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
