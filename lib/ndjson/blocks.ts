/**
 * Opens sources of lines, and splits their bytes into blocks of whole lines.
 *
 * @module
 */

import { indexOfByte, lastIndexOfByte, sliceBytes, subarray } from "../util/builtins.ts";
import { concatBytes, NEWLINE, NEWLINE_BYTES } from "../util/bytes/bytes.ts";
import { statIfThere } from "../util/files/fs.ts";
import { UsageError } from "../util/errors.ts";
import { isRemote, shortenCauses } from "../util/remote.ts";

/** A source of values: a path, a URL, `"-"` (stdin), a byte stream, or an iterable. */
export type Source =
  | string
  | URL
  | ReadableStream<Uint8Array>
  | Iterable<unknown>
  | AsyncIterable<unknown>;

/** The options of {@linkcode readBlocks}. */
export interface BlockOptions {
  /**
   * The treatment of a last line without a newline.
   * @default {"keep"}
   */
  readonly torn?: "keep" | "drop";
}

/** A source of bytes: a path, a URL, `"-"` (stdin) or a stream. */
export type ByteSource = string | URL | ReadableStream<Uint8Array>;

/** An object that fills a buffer on request, such as an open file. */
export type Reader = Pick<Deno.FsFile, "read">;

// This size keeps the cost of calls low, and still shows the progress of a slow source.
const CHUNK_SIZE = 256 * 1024;
// Synchronous reads of 1 MiB in total take a few milliseconds.
const CHUNKS_A_TURN = 4;

/**
 * Reads the lines of a source as bytes, in blocks of whole lines. Each line ends with a newline.
 *
 * A caller can forward the lines without decoding them.
 *
 * @example
 * ```ts
 * import { readBlocks } from "./blocks.ts";
 *
 * const [block] = await Array.fromAsync(readBlocks(new Blob(["1\n2"]).stream(), { torn: "drop" }));
 * if (new TextDecoder().decode(block) !== "1\n") throw new Error("not whole lines");
 * ```
 *
 * @returns the blocks. Their memory is not reused, so the caller may keep them.
 * @throws {Deno.errors.NotFound} when the file does not exist.
 * @throws {TypeError} when the source is a folder, or a stream whose chunks are not bytes.
 * @throws {Error} when a server does not return the file. A later attempt can help.
 */
export async function* readBlocks(
  source: ByteSource | Reader | AsyncIterable<Uint8Array>,
  { torn = "keep" }: BlockOptions = {},
): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  for await (const chunk of await openSource(source)) {
    // The search from the end is slow, and would cross the whole chunk inside of a long line.
    const hasEnd = indexOfByte(chunk, NEWLINE) >= 0;
    const end = hasEnd ? lastIndexOfByte(chunk, NEWLINE) + 1 : 0;
    if (end === 0) {
      if (chunk.length === 0) continue;
      // The chunks of a long line are joined only once, at its end.
      parts[parts.length] = sliceBytes(chunk);
      continue;
    }
    // The source reuses the chunk's memory, so the block is a copy.
    parts[parts.length] = parts.length > 0 ? subarray(chunk, 0, end) : sliceBytes(chunk, 0, end);
    yield concatBytes(parts);
    parts = end < chunk.length ? [sliceBytes(chunk, end)] : [];
  }
  if (parts.length === 0 || torn === "drop") return;
  parts[parts.length] = NEWLINE_BYTES;
  yield concatBytes(parts);
}

/** Returns the name of a source for error messages. */
export function nameOf(source: Source): string {
  if (source === "-") return "stdin";
  return typeof source === "string" || source instanceof URL ? String(source) : "input";
}

/**
 * Opens a source of bytes.
 *
 * @returns the chunks; the memory of a chunk is valid until the next chunk is requested.
 * @throws {Deno.errors.NotFound} when the file does not exist.
 * @throws {TypeError} when the source is a folder, or a stream that has a reader.
 * @throws {UsageError} when the file cannot be read.
 * @throws {Error} when a server does not return the file. A later attempt can help.
 */
export async function openSource(
  source: ByteSource | Reader | AsyncIterable<Uint8Array>,
): Promise<AsyncIterable<Uint8Array>> {
  if (source instanceof ReadableStream) return checkBytes(source);
  // Loading the stream classes takes longer than reading a short list.
  if (source === "-" || isStdinSocket(source)) return named(readChunks(Deno.stdin), nameOf(source));
  if (typeof source === "object" && "read" in source) return readChunks(source);
  if (typeof source === "object" && Symbol.asyncIterator in source) return source;
  if (isRemote(String(source))) return untilBroken(await openUrl(source), source);
  return named(await openFile(toPath(source)), source);
}

/** Returns true for stdin that is a socket, as Node.js makes it, which no path opens. */
function isStdinSocket(source: unknown): source is string {
  if (source !== "/dev/stdin" && source !== "/dev/fd/0") return false;
  return statIfThere(source)?.isSocket === true;
}

async function* checkBytes(stream: ReadableStream<unknown>): AsyncGenerator<Uint8Array> {
  if (stream.locked) {
    throw new TypeError(
      `Cannot read ${nameOf(stream)}: the stream is locked, release its reader, or pass a new ` +
        "stream",
    );
  }
  for await (const chunk of stream) {
    if (chunk instanceof Uint8Array) yield chunk;
    else {
      throw new TypeError(
        `Cannot read ${nameOf(stream)}: its chunks are not bytes, ` +
          "pipe it through a TextEncoderStream, or pass the values themselves",
      );
    }
  }
}

/** Yields the chunks of a file, and names it in the error of reading it. */
async function* named(chunks: AsyncIterable<Uint8Array>, name: string | URL) {
  try {
    yield* chunks;
  } catch (cause) {
    throw cannotRead(name, cause as Error);
  }
}

/** Returns the error about a file that the system refuses to read, with its reason. */
export function cannotRead(name: string | URL, cause: Error): UsageError {
  const reason = cause.message.replace(/ \(os error \d+\).*/s, "");
  return new UsageError(`Cannot read ${name}: ${reason}`, { cause });
}

/** Yields the chunks of an answer, and names its URL when the connection ends early. */
async function* untilBroken(chunks: AsyncIterable<Uint8Array>, url: string | URL) {
  try {
    yield* chunks;
  } catch (cause) {
    const reason = `the connection ended early (${(cause as Error).message})`;
    throw new Error(`Cannot read ${url}: ${reason}, try again`, { cause });
  }
}

/** For each observer, the files that have been read; true for those that are being read. */
const observers = new Set<Map<string, boolean>>();

/** The files that this process reads while this object exists. */
export class FilesRead implements Disposable {
  #ids = new Map<string, boolean>();

  /** Starts to observe the reads. */
  constructor() {
    observers.add(this.#ids);
  }

  /** Returns true for a file that has been read, also under another name. */
  has(facts: Deno.FileInfo): boolean {
    return this.#ids.has(fileId(facts));
  }

  /** Returns true for a file whose reading has not ended. */
  isOpen(facts: Deno.FileInfo): boolean {
    return this.#ids.get(fileId(facts)) === true;
  }

  /** Ends the observation. */
  [Symbol.dispose](): void {
    observers.delete(this.#ids);
  }
}

function fileId({ dev, ino }: Deno.FileInfo): string {
  return `${dev}:${ino}`;
}

/** Converts a `file:` address to a `URL`, because Deno does not accept the address as text. */
export function toPath(path: string | URL): string | URL {
  return typeof path === "string" && path.startsWith("file:") ? new URL(path) : path;
}

async function openFile(path: string | URL): Promise<AsyncIterable<Uint8Array>> {
  const file = await openThere(path);
  const facts = file.statSync(), { isFile, isDirectory } = facts;
  if (isFile) return readFile(file, fileId(facts));
  if (!isDirectory) return file.readable;
  file.close();
  throw new TypeError(`Cannot read ${path}: it is a folder, use an ndjson file`);
}

/**
 * Reads a file in chunks that share one buffer, which stays in the CPU's cache.
 *
 * Synchronous reads are faster than asynchronous reads. One of every `CHUNKS_A_TURN` reads is
 * asynchronous, so other work can run.
 */
async function* readFile(file: Deno.FsFile, id: string): AsyncGenerator<Uint8Array> {
  using _ = file;
  const chunk = new Uint8Array(CHUNK_SIZE);
  try {
    for (let count = 0;; count++) {
      for (const seen of observers) seen.set(id, true);
      const size = count % CHUNKS_A_TURN === 0 ? await file.read(chunk) : file.readSync(chunk);
      if (size === null) return;
      yield chunk.subarray(0, size);
    }
  } finally {
    for (const seen of observers) if (seen.has(id)) seen.set(id, false);
  }
}

async function* readChunks(source: Reader): AsyncGenerator<Uint8Array> {
  const chunk = new Uint8Array(CHUNK_SIZE);
  for (let size = await source.read(chunk); size !== null; size = await source.read(chunk)) {
    yield subarray(chunk, 0, size);
  }
}

async function openThere(path: string | URL): Promise<Deno.FsFile> {
  const waits = isPipe(path);
  try {
    // Opening a pipe waits for its writer, and meanwhile, other work can run.
    return waits ? await Deno.open(path) : Deno.openSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    if (!(cause instanceof Deno.errors.NotFound)) throw cannotRead(path, cause as Error);
    const where = path instanceof URL ? "" : ` (relative paths start at ${Deno.cwd()})`;
    throw new Deno.errors.NotFound(`Cannot read ${path}: no such file${where}`, { cause });
  }
}

function isPipe(path: string | URL): boolean {
  return statIfThere(path)?.isFile === false;
}

async function openUrl(url: string | URL): Promise<ReadableStream<Uint8Array>> {
  const response = await fetch(url).catch((cause) => {
    throw new Error(`Cannot read ${url}: ${shortenCauses((cause.cause ?? cause).message)}`, {
      cause,
    });
  });
  if (response.ok) return response.body ?? new Blob([]).stream();
  await response.body?.cancel();
  const { status } = response;
  throw new Error(`Cannot read ${url}: the server answered ${status}, ${wayOut(status)}`);
}

/** Returns the advice for the status of a failed request. */
function wayOut(status: number): string {
  if (status === 401 || status === 403 || status === 407) {
    return "download the file with a login, and read it from the disk";
  }
  return status === 429 || status >= 500 ? "try again later" : "check the address";
}
