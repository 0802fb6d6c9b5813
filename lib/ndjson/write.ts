/**
 * Values to lines of JSON.
 *
 * @module
 */

import { toPath } from "./blocks.ts";
import { stringify } from "./stringify.ts";

/** How {@linkcode write} treats a file that is there. */
export interface WriteOptions {
  /** Start the file anew instead of appending to it. @default {false} */
  readonly overwrite?: boolean;
}

const BLOCK_SIZE = 64 * 1024;
// Two megabytes take some ten milliseconds.
const BLOCKS_A_TURN = 32;

/**
 * Writes a value a line: each element of an array or an iterable, or the one value that is given.
 *
 * Appends, unless told to overwrite. Gives the number of lines. Where the values end with an error,
 * the lines of those before it are written, and written whole.
 *
 * @example
 * ```ts
 * import { read, write } from "../ndjson.ts";
 *
 * const path = Deno.makeTempFileSync();
 * await write([1, { a: 2 }], path);
 * if ((await Array.fromAsync(read(path))).length !== 2) throw new Error("not written");
 * ```
 *
 * @throws {TypeError} on a value that JSON cannot hold, with the path inside it.
 */
export async function write(
  values: unknown,
  target: string | URL | WritableStream<Uint8Array>,
  options: WriteOptions = {},
): Promise<number> {
  const opened = await openTarget(target, options);
  let count = 0;
  try {
    for await (const [text, lines] of toBlocks(values)) {
      await opened.write(text);
      count += lines;
    }
  } catch (error) {
    // Where it was the target that failed, closing it fails too, and says less.
    await opened.close().catch(() => {});
    throw error;
  }
  await opened.close();
  return count;
}

/** Where lines are written to. */
interface Target {
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

async function openTarget(
  target: string | URL | WritableStream<Uint8Array>,
  { overwrite = false }: WriteOptions,
): Promise<Target> {
  if (target instanceof WritableStream) return new StreamTarget(target);
  const file = await Deno.open(toPath(target), {
    write: true,
    create: true,
    append: !overwrite,
    truncate: overwrite,
  });
  return new FileTarget(file);
}

class StreamTarget implements Target {
  #writer: WritableStreamDefaultWriter<Uint8Array>;
  #encoder = new TextEncoder();

  constructor(stream: WritableStream<Uint8Array>) {
    this.#writer = stream.getWriter();
  }

  write(text: string): Promise<void> {
    return this.#writer.write(this.#encoder.encode(text));
  }

  close(): Promise<void> {
    return this.#writer.close();
  }
}

/**
 * A file, which is written as it is read: at once, and others get their turn. A pipe may have to wait
 * for its reader. The file's own stream would not tell that its last write failed.
 */
class FileTarget implements Target {
  #file: Deno.FsFile;
  #isPipe: boolean;
  #encoder = new TextEncoder();
  // A block of ASCII fits; what is longer is written piece by piece, each from the CPU's cache.
  #buffer = new Uint8Array(2 * BLOCK_SIZE);
  #count = 0;

  constructor(file: Deno.FsFile) {
    this.#file = file;
    this.#isPipe = !file.statSync().isFile;
  }

  async write(text: string): Promise<void> {
    for (let rest = text; rest !== "";) {
      const { read, written } = this.#encoder.encodeInto(rest, this.#buffer);
      await this.#writeAll(this.#buffer.subarray(0, written));
      rest = rest.slice(read);
    }
  }

  // deno-lint-ignore require-await -- what it throws is a rejection
  async close(): Promise<void> {
    this.#file.close();
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    const isWaiting = this.#isPipe || this.#count++ % BLOCKS_A_TURN === 0;
    for (let at = 0; at < bytes.length;) {
      const rest = bytes.subarray(at);
      at += isWaiting ? await this.#file.write(rest) : this.#file.writeSync(rest);
    }
  }
}

/** Values as blocks of lines; a value of an iterable is awaited only where it is a promise. */
async function* toBlocks(values: unknown): AsyncGenerator<[text: string, lines: number]> {
  const block = new Block();
  try {
    if (isAsyncIterable(values)) {
      for await (const value of values) if (block.add(value)) yield block.take();
    } else {
      for (const value of isIterable(values) ? values : [values]) {
        if (block.add(isPromise(value) ? await value : value)) yield block.take();
      }
    }
  } finally {
    // An error in the middle must not cost the values before it.
    if (block.lines > 0) yield block.take();
  }
}

/** Lines that are written together. */
class Block {
  lines = 0;
  #text = "";
  #index = 0;
  #name = () => `value ${this.#index}`;

  /** Adds a value, and tells whether the block is full. */
  add(value: unknown): boolean {
    this.#text += stringify(value, this.#name) + "\n";
    this.#index++;
    this.lines++;
    return this.#text.length >= BLOCK_SIZE;
  }

  take(): [text: string, lines: number] {
    const taken: [string, number] = [this.#text, this.lines];
    this.#text = "";
    this.lines = 0;
    return taken;
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as PromiseLike<unknown>).then === "function";
}

function isAsyncIterable(values: unknown): values is AsyncIterable<unknown> {
  return typeof values === "object" && values !== null && Symbol.asyncIterator in values;
}

function isIterable(values: unknown): values is Iterable<unknown> {
  return typeof values === "object" && values !== null && Symbol.iterator in values;
}
