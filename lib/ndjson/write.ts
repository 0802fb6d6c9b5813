/**
 * Writes values as lines of JSON.
 *
 * @see https://github.com/ndjson/ndjson-spec for the format.
 *
 * @module
 */

import { checkKnownOptions, type OptionValues } from "./_options.ts";
import { FilesRead, toPath } from "./blocks.ts";
import { NonFiniteCount } from "../values/non_finite.ts";
import type { NonFiniteListener } from "../values/plain_copy.ts";
import { nonFiniteListener, stringify } from "../values/stringify.ts";
import { NEWLINE } from "../util/bytes/bytes.ts";
import { statIfThere } from "../util/files/fs.ts";

/** The options of {@linkcode write}. */
export interface WriteOptions {
  /**
   * Replaces the content of the file instead of appending to it. The file keeps its content until the
   * first values are written.
   * @default {false}
   */
  readonly overwrite?: boolean | undefined;
}

const WRITE_VALUES: OptionValues<WriteOptions> = { overwrite: [true, false] };

const BLOCK_SIZE = 64 * 1024;
// A longer text is encoded separately, which is cheaper than a concatenation.
const LONG = 1024;
// This size makes a write cheap, and the buffer stays in the CPU's cache.
const BUFFER_SIZE = 4 * BLOCK_SIZE;

/**
 * Writes each element of an array or an iterable as a line, or a single value as one line.
 *
 * Appends to an existing file by default, on a new line. When the iterable throws, the values before
 * the error are still written, as complete lines. `NaN` and `Infinity` become `null`, with one warning
 * a call; in a task, they count as values of the task.
 *
 * @example
 * ```ts
 * import { ndjson } from "dl_jobs";
 *
 * const path = Deno.makeTempFileSync();
 * await ndjson.write([1, { a: 2 }], path);
 * if ((await Array.fromAsync(ndjson.read(path))).length !== 2) throw new Error("not written");
 * ```
 *
 * @param values the values; a promise in an iterable is awaited.
 * @param target a path, a `file:` URL or a stream, which is closed at the end.
 * @param options the mode in which the file is opened.
 * @returns the number of lines.
 * @throws {TypeError} when JSON cannot represent a value, with the path of the invalid part; when the
 * target is neither a path nor a stream; when an option does not exist; when the values are read from
 * the file to overwrite, or are being read from the file to append to, which is then unchanged.
 */
export async function write(
  values: unknown,
  target: string | URL | WritableStream<Uint8Array>,
  options: WriteOptions = {},
): Promise<number> {
  checkKnownOptions(options, WRITE_VALUES, "ndjson.write");
  // The file of an array may be read by other code at the same time.
  using read = isAsyncIterable(values) ? new FilesRead() : undefined;
  const opened = await openTarget(target, options, read), found = new NonFiniteCount();
  const onNonFinite = nonFiniteListener() ?? ((path: string) => found.add(path));
  let count = 0;
  try {
    for await (const [pieces, lines] of toBlocks(values, onNonFinite)) {
      if (count === 0) opened.begin();
      await opened.write(pieces);
      count += lines;
    }
    if (count === 0) opened.begin();
  } catch (error) {
    // When the target has failed, closing it also fails, with a less useful error.
    await opened.close().catch(() => {});
    throw error;
  } finally {
    if (found.text !== undefined) console.warn(`Warning: ndjson.write: ${found.text}`);
  }
  await opened.close();
  return count;
}

/** An open target for lines. */
interface Target {
  /** Prepares the target for the first write. */
  begin(): void;
  /** Writes pieces of text one after another. */
  write(pieces: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

async function openTarget(
  target: string | URL | WritableStream<Uint8Array>,
  { overwrite = false }: WriteOptions,
  read: FilesRead | undefined,
): Promise<Target> {
  if (target instanceof WritableStream) return new StreamTarget(target);
  checkPath(target);
  const path = toPath(target), isInLine = !overwrite && endsInLine(path);
  const file = await Deno.open(path, { write: true, create: true, append: !overwrite });
  return new FileTarget(file, isInLine, () => {
    const facts = file.statSync();
    // A pipe or a device cannot be truncated.
    if (!facts.isFile) return;
    // An appended line would be read, too, and appended again.
    if (overwrite ? read?.has(facts) : read?.isOpen(facts)) {
      const action = overwrite ? "overwrite" : "append to";
      throw new TypeError(
        `Cannot ${action} ${path}: the values are read from this file, write to another one`,
      );
    }
    if (overwrite) file.truncateSync();
  });
}

/** Refuses what no file can be opened by, such as values in the place of the path. */
function checkPath(target: unknown): void {
  if (!(target instanceof URL) && (typeof target !== "string" || target === "")) {
    const text = Deno.inspect(target, {
      depth: 0,
      iterableLimit: 3,
      strAbbreviateSize: 60,
      breakLength: Infinity,
    });
    throw new TypeError(
      `Cannot write to ${text}: the target is a path, a file: URL or a stream, as in ` +
        "ndjson.write(values, path)",
    );
  }
  const [ending] = /\.(?:gz|zst|bz2|xz)$/.exec(String(target)) ?? [];
  if (ending === undefined) return;
  throw new TypeError(
    `Cannot write ${target}: the lines are not compressed; write to a path without ${ending}, or ` +
      "to a stream that compresses them",
  );
}

/**
 * Returns true for a file whose last line has no newline. The first value would become a part of that
 * line.
 */
function endsInLine(path: string | URL): boolean {
  try {
    const { isFile = false, size = 0 } = statIfThere(path) ?? {};
    if (!isFile || size === 0) return false;
    using file = Deno.openSync(path);
    file.seekSync(-1, Deno.SeekMode.End);
    const last = new Uint8Array(1);
    return file.readSync(last) === 1 && last[0] !== NEWLINE;
  } catch (error) {
    // The user may write to a file that is not theirs to read.
    if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
      return false;
    }
    throw error;
  }
}

class StreamTarget implements Target {
  #writer: WritableStreamDefaultWriter<Uint8Array>;
  #encoder = new TextEncoder();

  constructor(stream: WritableStream<Uint8Array>) {
    this.#writer = stream.getWriter();
  }

  begin(): void {}

  write(pieces: readonly string[]): Promise<void> {
    return this.#writer.write(this.#encoder.encode(pieces.join("")));
  }

  close(): Promise<void> {
    return this.#writer.close();
  }
}

/**
 * A file that is written through two buffers: one is filled while the other is written. The file's
 * `writable` is not used, because it does not report a failure of its last write.
 */
class FileTarget implements Target {
  #file: Deno.FsFile;
  #isInLine: boolean;
  #encoder = new TextEncoder();
  #buffer = new Uint8Array(BUFFER_SIZE);
  #length = 0;
  #spare = new Uint8Array(BUFFER_SIZE);
  #writing = Promise.resolve();

  /**
   * Creates a target.
   *
   * @param file the open file
   * @param isInLine true when a newline comes before the first piece
   * @param begin prepares the file for the first write
   */
  constructor(file: Deno.FsFile, isInLine: boolean, readonly begin: () => void) {
    this.#file = file;
    this.#isInLine = isInLine;
  }

  async write(pieces: readonly string[]): Promise<void> {
    if (this.#isInLine) this.#buffer[this.#length++] = NEWLINE;
    this.#isInLine = false;
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
    // Encoding the rest of a long text takes less time than starting a write in another thread.
    if (isLong) return this.#writeNow(bytes);
    this.#writing = this.#writeAll(bytes);
    // The next flush awaits this promise and throws its error.
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

/** Groups values into blocks of lines. Awaits a value of an iterable only if it is a promise. */
async function* toBlocks(
  values: unknown,
  onNonFinite: NonFiniteListener,
): AsyncGenerator<[pieces: string[], lines: number]> {
  const block = new Block(onNonFinite);
  try {
    if (isAsyncIterable(values)) {
      for await (const value of values) if (block.add(value)) yield block.take();
    } else {
      for (const value of isIterable(values) ? values : [values]) {
        if (block.add(isPromise(value) ? await value : value)) yield block.take();
      }
    }
  } finally {
    // The values before an error are still written.
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

  constructor(readonly onNonFinite: NonFiniteListener) {}

  /** Adds a value. Returns true when the block is full. */
  add(value: unknown): boolean {
    const text = stringify(value, this.#name, this.onNonFinite);
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
