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
// To put a longer text together with others costs more than to encode it by itself.
const LONG = 1024;
// So large that to hand it over costs little, so small that it stays in the CPU's cache.
const BUFFER_SIZE = 4 * BLOCK_SIZE;

/**
 * Writes a value a line: each element of an array or an iterable, or the one value that is given.
 *
 * Appends, unless told to overwrite. Gives the number of lines. Where the values end with an error,
 * the lines of those before it are written, and written whole.
 *
 * @example
 * ```ts
 * import { read, write } from "./mod.ts";
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
    for await (const [pieces, lines] of toBlocks(values)) {
      await opened.write(pieces);
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
  /** Writes text that comes in pieces. */
  write(pieces: readonly string[]): Promise<void>;
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

  write(pieces: readonly string[]): Promise<void> {
    return this.#writer.write(this.#encoder.encode(pieces.join("")));
  }

  close(): Promise<void> {
    return this.#writer.close();
  }
}

/**
 * A file. While one buffer is on its way there the next one fills. The file's own stream would not
 * tell that its last write failed.
 */
class FileTarget implements Target {
  #file: Deno.FsFile;
  #encoder = new TextEncoder();
  #buffer = new Uint8Array(BUFFER_SIZE);
  #length = 0;
  #spare = new Uint8Array(BUFFER_SIZE);
  #writing = Promise.resolve();

  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  async write(pieces: readonly string[]): Promise<void> {
    for (const piece of pieces) {
      const isLong = piece.length > BUFFER_SIZE;
      for (let rest = piece; rest !== "";) {
        const { read, written } = this.#encoder.encodeInto(
          rest,
          this.#buffer.subarray(this.#length),
        );
        this.#length += written;
        rest = rest.slice(read);
        if (rest !== "") await this.#flush(isLong);
      }
    }
  }

  async close(): Promise<void> {
    using _ = this.#file;
    await this.#flush();
    await this.#writing;
  }

  async #flush(isLong = false): Promise<void> {
    await this.#writing;
    const bytes = this.#buffer.subarray(0, this.#length);
    // The rest of a long text is encoded in less time than another thread takes to begin.
    if (isLong) return this.#writeNow(bytes);
    this.#writing = this.#writeAll(bytes);
    // It is waited for before the next one.
    this.#writing.catch(() => {});
    [this.#buffer, this.#spare] = [this.#spare, this.#buffer];
    this.#length = 0;
  }

  #writeNow(bytes: Uint8Array): void {
    this.#length = 0;
    for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#file.write(bytes.subarray(at));
  }
}

/** Values as blocks of lines; a value of an iterable is awaited only where it is a promise. */
async function* toBlocks(values: unknown): AsyncGenerator<[pieces: string[], lines: number]> {
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
  #pieces: string[] = [];
  #text = "";
  #length = 0;
  #index = 0;
  #name = () => `value ${this.#index}`;

  /** Adds a value, and tells whether the block is full. */
  add(value: unknown): boolean {
    const text = stringify(value, this.#name);
    this.#index++;
    this.lines++;
    this.#length += text.length;
    if (text.length < LONG) this.#text += text + "\n";
    else {
      this.#pieces.push(this.#text, text);
      this.#text = "\n";
    }
    return this.#length >= BLOCK_SIZE;
  }

  take(): [pieces: string[], lines: number] {
    const taken: [string[], number] = [[...this.#pieces, this.#text], this.lines];
    this.#pieces = [];
    this.#text = "";
    this.#length = this.lines = 0;
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
