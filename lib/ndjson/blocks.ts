/**
 * The bytes of a source, and its whole lines.
 *
 * @module
 */

import { concatBytes } from "../util/bytes.ts";
import { isRemote, shortenCauses } from "../util/remote.ts";

/** A path, a URL, `"-"` for standard input, a byte stream, or the values themselves. */
export type Source =
  | string
  | URL
  | ReadableStream<Uint8Array>
  | Iterable<unknown>
  | AsyncIterable<unknown>;

/** How {@linkcode readBlocks} reads. */
export interface BlockOptions {
  /** What becomes of a last line without a newline. @default {"keep"} */
  readonly torn?: "keep" | "drop";
}

/** Where the bytes of lines come from. */
export type ByteSource = string | URL | ReadableStream<Uint8Array>;

/** What gives bytes when it is asked, such as an open file. */
export type Reader = Pick<Deno.FsFile, "read">;

const NEWLINE = 10;
// Big enough that a call costs little, small enough that a slow source is seen to move.
const CHUNK_SIZE = 64 * 1024;
// A megabyte takes some milliseconds.
const CHUNKS_A_TURN = 16;

/**
 * The whole lines of a source as bytes, in blocks as they were read; each line ends with a newline.
 *
 * This is what lets a caller pass lines on without decoding them.
 *
 * @example
 * ```ts
 * import { readBlocks } from "./blocks.ts";
 *
 * const [block] = await Array.fromAsync(readBlocks(new Blob(["1\n2"]).stream(), { torn: "drop" }));
 * if (new TextDecoder().decode(block) !== "1\n") throw new Error("not whole lines");
 * ```
 */
export async function* readBlocks(
  source: ByteSource | Reader,
  { torn = "keep" }: BlockOptions = {},
): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  for await (const chunk of await openSource(source)) {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      // A long line: only the new bytes are looked at, and they are joined once.
      parts.push(chunk.slice());
      continue;
    }
    const last = chunk.subarray(0, end);
    // A copy, as the memory of the chunk is used again.
    yield parts.length > 0 ? concatBytes([...parts, last]) : last.slice();
    parts = end < chunk.length ? [chunk.slice(end)] : [];
  }
  if (parts.length > 0 && torn === "keep") yield concatBytes([...parts, Uint8Array.of(NEWLINE)]);
}

/** The name by which errors call a source. */
export function nameOf(source: Source): string {
  if (source === "-") return "stdin";
  return typeof source === "string" || source instanceof URL ? String(source) : "input";
}

/** The bytes of a source as they come; each chunk is good until the next one is asked for. */
export async function openSource(
  source: ByteSource | Reader,
): Promise<AsyncIterable<Uint8Array>> {
  if (source instanceof ReadableStream) return checkBytes(source);
  // A stream would take longer to load than many a list to be read.
  if (source === "-") return readChunks(Deno.stdin);
  if (typeof source === "object" && "read" in source) return readChunks(source);
  if (isRemote(String(source))) return await openUrl(source);
  return openFile(toPath(source));
}

async function* checkBytes(stream: ReadableStream<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    if (chunk instanceof Uint8Array) yield chunk;
    else {
      throw new TypeError(
        `Cannot read ${nameOf(stream)}: the stream does not give bytes, ` +
          "pipe it through a TextEncoderStream, or give the values themselves",
      );
    }
  }
}

/** A path as Deno takes it: the address of a file only as a URL. */
export function toPath(path: string | URL): string | URL {
  return typeof path === "string" && path.startsWith("file:") ? new URL(path) : path;
}

function openFile(path: string | URL): AsyncIterable<Uint8Array> {
  const file = openThere(path);
  const { isFile, isDirectory } = file.statSync();
  if (isFile) return readFile(file);
  if (!isDirectory) return file.readable;
  file.close();
  throw new TypeError(`Cannot read ${path}: it is a folder, give an ndjson file`);
}

/**
 * The bytes of a file.
 *
 * To read a chunk takes less time than to wait for it, so most are read at once, and every now and
 * then others get their turn. The memory of one chunk serves them all: it stays in the CPU's cache.
 */
async function* readFile(file: Deno.FsFile): AsyncGenerator<Uint8Array> {
  using _ = file;
  const chunk = new Uint8Array(CHUNK_SIZE);
  for (let count = 0;; count++) {
    const size = count % CHUNKS_A_TURN === 0 ? await file.read(chunk) : file.readSync(chunk);
    if (size === null) return;
    yield chunk.subarray(0, size);
  }
}

async function* readChunks(source: Reader): AsyncGenerator<Uint8Array> {
  const chunk = new Uint8Array(CHUNK_SIZE);
  for (let size = await source.read(chunk); size !== null; size = await source.read(chunk)) {
    yield chunk.subarray(0, size);
  }
}

function openThere(path: string | URL): Deno.FsFile {
  try {
    return Deno.openSync(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    const where = path instanceof URL ? "" : `, looked from ${Deno.cwd()}`;
    throw new Deno.errors.NotFound(`Cannot read ${path}: no such file${where}`, { cause });
  }
}

async function openUrl(url: string | URL): Promise<ReadableStream<Uint8Array>> {
  const response = await fetch(url).catch((cause) => {
    throw new Error(`Cannot read ${url}: ${shortenCauses((cause.cause ?? cause).message)}`, {
      cause,
    });
  });
  if (response.ok) return response.body ?? new Blob([]).stream();
  await response.body?.cancel();
  throw new Error(`Cannot read ${url}: the server answered ${response.status}, check the address`);
}
