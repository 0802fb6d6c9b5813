/**
 * Newline-delimited JSON, streamed: one value a line, from and to files, URLs, pipes and iterables.
 *
 * @module
 */

import { numberText } from "./helpers.ts";

/** A path, a URL, `"-"` for standard input, a byte stream, or the values themselves. */
export type Source =
  | string
  | URL
  | ReadableStream<Uint8Array>
  | Iterable<unknown>
  | AsyncIterable<unknown>;

/** How {@linkcode read} treats what it meets. */
export interface ReadOptions {
  /** What a line that is no JSON does: end the reading, or be counted and passed over. @default {"throw"} */
  readonly onError?: "throw" | "skip";
  /** Told of each line that was passed over. @default {a warning on stderr at the end} */
  readonly onSkip?: (error: SyntaxError) => void;
}

/** How {@linkcode write} treats a file that is there. */
export interface WriteOptions {
  /** Start the file anew instead of appending to it. @default {false} */
  readonly overwrite?: boolean;
}

/** How {@linkcode readBlocks} reads. */
export interface BlockOptions {
  /** What becomes of a last line without a newline. @default {"keep"} */
  readonly torn?: "keep" | "drop";
}

const NEWLINE = 10;
// Big enough that a call costs little, small enough that a slow source is seen to move.
const BLOCK_SIZE = 64 * 1024;
// A megabyte takes some milliseconds.
const BLOCKS_A_TURN = 16;
const BOM = "\ufeff";

/**
 * Reads values, a line at a time, never more of the source than is asked for.
 *
 * Blank lines, CRLF, a byte order mark and a last line without a newline are all fine.
 *
 * @example
 * ```ts
 * import { read } from "./ndjson.ts";
 *
 * const values = await Array.fromAsync(read(new Blob(['1\n{"a":2}']).stream()));
 * if (JSON.stringify(values) !== '[1,{"a":2}]') throw new Error("not read");
 * ```
 *
 * @throws {SyntaxError} on a line that is no JSON, with the file, the line and the column.
 */
export function read<T = unknown>(source: Source, options: ReadOptions = {}): AsyncGenerator<T> {
  return new Values(readBatches<T>(source, options));
}

/**
 * Reads values as {@linkcode read} does, as many at once as a read of the source brought.
 *
 * @example
 * ```ts
 * import { readBatches } from "./ndjson.ts";
 *
 * const batches = await Array.fromAsync(readBatches(new Blob(["1\n2\n"]).stream()));
 * if (JSON.stringify(batches) !== "[[1,2]]") throw new Error("not read at once");
 * ```
 *
 * @throws {SyntaxError} on a line that is no JSON, after the values before it.
 */
export async function* readBatches<T = unknown>(
  source: Source,
  options: ReadOptions = {},
): AsyncGenerator<T[]> {
  if (!isBytes(source)) {
    for await (const value of source) yield [value as T];
    return;
  }
  const parser = new BlockParser<T>(nameOf(source), options);
  for await (const block of readBlocks(source)) {
    const values = parser.parse(block);
    if (values.length > 0) yield values;
    parser.check();
  }
  parser.end();
}

/**
 * Writes a value a line: each element of an array or an iterable, or the one value that is given.
 *
 * Appends, unless told to overwrite. Gives the number of lines. Where the values end with an error,
 * the lines of those before it are written, and written whole.
 *
 * @example
 * ```ts
 * import { read, write } from "./ndjson.ts";
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

/**
 * Calls a function for each value of a source and gives what it returns, as it returns it.
 *
 * @example
 * ```ts
 * import { apply } from "./ndjson.ts";
 *
 * const squares = await Array.fromAsync(apply([1, 2], (x) => Number(x) ** 2));
 * if (squares.join() !== "1,4") throw new Error("not applied");
 * ```
 */
export async function* apply<T, R>(
  source: Source,
  fn: (value: T) => R | Promise<R>,
  options: ReadOptions = {},
): AsyncGenerator<R> {
  for await (const value of read<T>(source, options)) yield await fn(value);
}

/**
 * The JSON text of a value, or an error that names the place inside it that JSON cannot hold.
 *
 * `JSON.stringify` alone would drop a function or an `undefined` and turn a `Map` into `{}`
 * without a word. `NaN` and `Infinity` become `null`, as everywhere in JSON.
 *
 * @example
 * ```ts
 * import { stringify } from "./ndjson.ts";
 *
 * if (stringify({ a: [1] }) !== '{"a":[1]}') throw new Error("not the text");
 * ```
 *
 * @throws {TypeError} on a BigInt, a cycle, `undefined`, a function, a symbol, and on what would
 * become `{}`: a `Map`, a `Set`, a promise, an error, an iterator.
 */
export function stringify(value: unknown, name: string | (() => string) = "value"): string {
  if (typeof value === "number") return numberText(value);
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw unserializable(value, nameText(name)) ?? cause;
  }
  // The walk is safe only now: JSON.stringify has shown that there is no cycle.
  if (text === undefined || (typeof value === "object" && value !== null && hasHole(value))) {
    throw unserializable(value, nameText(name)) ??
      new TypeError(`Cannot write ${nameText(name)}: it has no JSON form`);
  }
  return text;
}

function nameText(name: string | (() => string)): string {
  return typeof name === "string" ? name : name();
}

/**
 * The whole lines of a source as bytes, in blocks as they were read; each line ends with a newline.
 *
 * This is what lets a caller pass lines on without decoding them.
 *
 * @example
 * ```ts
 * import { readBlocks } from "./ndjson.ts";
 *
 * const [block] = await Array.fromAsync(readBlocks(new Blob(["1\n2"]).stream(), { torn: "drop" }));
 * if (new TextDecoder().decode(block) !== "1\n") throw new Error("not whole lines");
 * ```
 */
export async function* readBlocks(
  source: string | URL | ReadableStream<Uint8Array>,
  { torn = "keep" }: BlockOptions = {},
): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  for await (const chunk of await openSource(source)) {
    if (!(chunk instanceof Uint8Array)) throw notBytes(source);
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      // A long line: only the new bytes are looked at, and they are joined once.
      parts.push(chunk);
      continue;
    }
    yield join(parts, chunk.subarray(0, end));
    parts = end < chunk.length ? [chunk.subarray(end)] : [];
  }
  if (parts.length > 0 && torn === "keep") yield join(parts, Uint8Array.of(NEWLINE));
}

/** The name by which errors call a source. */
export function nameOf(source: Source): string {
  if (source === "-") return "stdin";
  return typeof source === "string" || source instanceof URL ? String(source) : "input";
}

/**
 * A line that is no JSON, as an error with its place.
 *
 * @param text the line
 * @param name what the source is called
 * @param line the line's number, from 1
 * @param cause what `JSON.parse` threw
 */
export function badLine(text: string, name: string, line: number, cause: unknown): SyntaxError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const [where, position] = POSITION.exec(message) ?? [];
  const column = (position === undefined ? brokenAt(text, message) : Number(position)) + 1;
  const reason = message.slice(0, message.length - (where?.length ?? 0));
  return new SyntaxError(`Cannot read ${name}:${line}:${column}: ${reason}`, { cause });
}

/**
 * The values of batches, one at a time.
 *
 * What an async generator would do, but a value that is there already costs a tenth of it.
 */
class Values<T> implements AsyncGenerator<T> {
  #batches: AsyncGenerator<T[]>;
  #values: readonly T[] = [];
  #at = 0;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(batches: AsyncGenerator<T[]>) {
    this.#batches = batches;
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#waiting === 0 && this.#at < this.#values.length) return Promise.resolve(this.#take());
    return this.#inTurn(() => this.#more());
  }

  return(value?: unknown): Promise<IteratorResult<T>> {
    return this.#inTurn(async () => {
      this.#values = [];
      await this.#batches.return(undefined);
      return { done: true, value: await value };
    });
  }

  async throw(error: unknown): Promise<IteratorResult<T>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #take(): IteratorResult<T> {
    return { done: false, value: this.#values[this.#at++]! };
  }

  async #more(): Promise<IteratorResult<T>> {
    if (this.#at < this.#values.length) return this.#take();
    // What was taken may go before the next ones come.
    this.#values = [];
    const { done, value } = await this.#batches.next();
    if (done) return { done, value };
    this.#values = value;
    this.#at = 0;
    return this.#take();
  }

  /** Who asks before the last one has an answer waits for it. */
  #inTurn(call: () => Promise<IteratorResult<T>>): Promise<IteratorResult<T>> {
    this.#waiting++;
    const answer = this.#last.then(call).finally(() => this.#waiting--);
    this.#last = answer.catch(() => {});
    return answer;
  }
}

// At the end only: a message may quote the text, and the text may say anything.
const POSITION = /(?: in JSON)? at position (\d+)(?: \(line \d+ column \d+\))?$/;

/** Parses blocks of lines and knows where it is, for the errors. */
class BlockParser<T> {
  #line = 0;
  #skipped = 0;
  #error: SyntaxError | undefined;
  #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

  constructor(readonly name: string, readonly options: ReadOptions) {}

  /** The values of a block, up to the first line that is no JSON. */
  parse(block: Uint8Array): T[] {
    const text = this.#decode(block);
    return typeof text === "string" ? this.#parse(text) : this.#parseEach(block);
  }

  /** Throws what ended the last block. */
  check(): void {
    if (this.#error) throw this.#error;
  }

  end(): void {
    if (this.#skipped === 0 || this.options.onSkip) return;
    const lines = this.#skipped === 1 ? "1 line that is" : `${this.#skipped} lines that are`;
    console.warn(`${this.name}: ${lines} no JSON: passed over`);
  }

  #parse(text: string): T[] {
    const isMarked = this.#line === 0 && text.startsWith(BOM);
    const lines = (isMarked ? text.slice(1) : text).split("\n");
    // A value takes the place of its line, as a list that grows costs more.
    const values = lines as unknown[] as T[];
    let count = 0;
    // Nothing stands behind the last newline.
    for (let i = 0; i < lines.length - 1 && !this.#error; i++) {
      const line = lines[i]!;
      this.#line++;
      try {
        values[count] = JSON.parse(line);
        count++;
      } catch (cause) {
        if (line.trim() !== "") this.#bad(badLine(line, this.name, this.#line, cause));
      }
    }
    values.length = count;
    return values;
  }

  // The decoder does not tell which line it stumbled over.
  #parseEach(block: Uint8Array): T[] {
    const values: T[] = [];
    for (let start = 0; start < block.length && !this.#error;) {
      const end = block.indexOf(NEWLINE, start) + 1;
      const text = this.#decode(block.subarray(start, end));
      if (typeof text === "string") values.push(...this.#parse(text));
      else this.#bad(notText(`${this.name}:${++this.#line}`, text));
      start = end;
    }
    return values;
  }

  #bad(error: SyntaxError): void {
    if (this.options.onError !== "skip") {
      this.#error = error;
      return;
    }
    this.#skipped++;
    this.options.onSkip?.(error);
  }

  #decode(block: Uint8Array): string | TypeError {
    try {
      // The strict one takes four times as long, and there is something to find only where there is
      // a replacement character.
      const text = this.#decoder.decode(block);
      return text.includes("\ufffd") ? this.#strict.decode(block) : text;
    } catch (cause) {
      return cause as TypeError;
    }
  }
}

function notText(place: string, cause: TypeError): SyntaxError {
  // The decoder says the same of a line that is longer than a text can be.
  const reason = cause.message.includes("maximum length")
    ? "the line is longer than a text can be, split it"
    : "the line is no UTF-8, convert the file first";
  return new SyntaxError(`Cannot read ${place}: ${reason}`, { cause });
}

function isBytes(source: Source): source is string | URL | ReadableStream<Uint8Array> {
  return typeof source === "string" || source instanceof URL || source instanceof ReadableStream;
}

async function openSource(
  source: string | URL | ReadableStream<Uint8Array>,
): Promise<AsyncIterable<Uint8Array>> {
  if (source instanceof ReadableStream) return source;
  if (source === "-") return Deno.stdin.readable;
  if (/^https?:/.test(String(source))) return await openUrl(source);
  return openFile(toPath(source));
}

// Deno takes the address of a file as a URL only.
function toPath(path: string | URL): string | URL {
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
 * To read a block takes less time than to wait for it, so most are read at once, and every now and
 * then others get their turn.
 */
async function* readFile(file: Deno.FsFile): AsyncGenerator<Uint8Array> {
  using _ = file;
  for (let count = 0;; count++) {
    const chunk = new Uint8Array(BLOCK_SIZE);
    const size = count % BLOCKS_A_TURN === 0 ? await file.read(chunk) : file.readSync(chunk);
    if (size === null) return;
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
  const response = await fetch(url);
  if (response.ok) return response.body ?? new Blob([]).stream();
  await response.body?.cancel();
  throw new Error(`Cannot read ${url}: the server answered ${response.status}, check the address`);
}

function notBytes(source: Source): TypeError {
  return new TypeError(
    `Cannot read ${nameOf(source)}: the stream does not give bytes, ` +
      "pipe it through a TextEncoderStream, or give the values themselves",
  );
}

function join(parts: readonly Uint8Array[], last: Uint8Array): Uint8Array {
  if (parts.length === 0) return last;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, last.length));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  whole.set(last, at);
  return whole;
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
  // A character has at most three bytes; a line may be longer than a block.
  #buffer = new Uint8Array(2 * 3 * BLOCK_SIZE);
  #count = 0;

  constructor(file: Deno.FsFile) {
    this.#file = file;
    this.#isPipe = !file.statSync().isFile;
  }

  async write(text: string): Promise<void> {
    const isWaiting = this.#isPipe || this.#count++ % BLOCKS_A_TURN === 0;
    const bytes = this.#encode(text);
    for (let at = 0; at < bytes.length;) {
      const rest = bytes.subarray(at);
      at += isWaiting ? await this.#file.write(rest) : this.#file.writeSync(rest);
    }
  }

  // deno-lint-ignore require-await -- what it throws is a rejection
  async close(): Promise<void> {
    this.#file.close();
  }

  #encode(text: string): Uint8Array {
    if (3 * text.length > this.#buffer.length) return this.#encoder.encode(text);
    return this.#buffer.subarray(0, this.#encoder.encodeInto(text, this.#buffer).written);
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

// What JSON.stringify makes `{}` of without a word, and what to give in its place.
const NO_DATA: readonly (readonly [abstract new (...args: never[]) => unknown, string])[] = [
  [Map, "JSON has no Map, give Object.fromEntries(map)"],
  [Set, "JSON has no Set, give [...set]"],
  [Promise, "JSON has no Promise, await it"],
  [Error, "JSON has no Error, give its message"],
  [Iterator, "JSON has no iterator, give [...iterator]"],
];

/** Whether JSON.stringify would drop something on the way; the value has no cycle. */
function hasHole(value: object): boolean {
  if (hasToJson(value)) return false;
  if (Array.isArray(value)) {
    // To read `value[i]` of numbers and of others in one place would make V8 box the numbers.
    for (let i = 0; i < value.length; i++) if (isHole(value.at(i))) return true;
    return false;
  }
  const isPlain = Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain && noData(value)) return true;
  for (const key in value) {
    const isOwn = isPlain || Object.hasOwn(value, key);
    if (isOwn && isHole((value as Record<string, unknown>)[key])) return true;
  }
  return false;
}

function isHole(value: unknown): boolean {
  // What is most common comes first.
  if (typeof value === "number" || typeof value === "string") return false;
  if (typeof value === "object") return value !== null && hasHole(value);
  return typeof value !== "boolean" && typeof value !== "bigint";
}

function hasToJson(value: object): boolean {
  return typeof (value as { toJSON?: unknown }).toJSON === "function";
}

function noData(value: object): string | undefined {
  return NO_DATA.find(([kind]) => value instanceof kind)?.[1];
}

/** The error for the first place in a value that JSON cannot hold, if there is one. */
function unserializable(
  value: unknown,
  path: string,
  above: readonly object[] = [],
): TypeError | undefined {
  if (typeof value === "object" && value !== null && hasToJson(value)) return undefined;
  const reason = refused(value, above);
  if (reason) return new TypeError(`Cannot write ${path}: ${reason}`);
  if (typeof value !== "object" || value === null) return undefined;
  // A copy of a list has no gaps: a gap is an `undefined` like any other.
  for (const [key, inner] of Object.entries(Array.isArray(value) ? [...value] : value)) {
    const error = unserializable(inner, path + step(value, key), [...above, value]);
    if (error) return error;
  }
  return undefined;
}

function refused(value: unknown, above: readonly object[]): string | undefined {
  switch (typeof value) {
    case "bigint":
      return "JSON has no BigInt, give it as a string or a number";
    case "undefined":
      return "JSON has no undefined, give null or leave it out";
    case "function":
      return "JSON has no functions, give what it returns";
    case "symbol":
      return "JSON has no symbols, give a string";
    case "object":
      if (value === null) return undefined;
      if (above.includes(value)) return "it contains itself, give a copy without the cycle";
      return noData(value);
    default:
      return undefined;
  }
}

function step(value: object, key: string): string {
  if (Array.isArray(value)) return `[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** The index of the first character that JSON does not allow, where `JSON.parse` does not tell. */
function brokenAt(text: string, message: string): number {
  return message === "Unexpected end of JSON input" ? text.length : tokenAt(text);
}

// A number, or as much of a literal as there is.
const WORD = /-?\d[-+.\deE]*|t(?:r(?:ue?)?)?|f(?:a(?:l(?:se?)?)?)?|n(?:u(?:ll?)?)?|/y;

/** The index of what stands where a value should: for everything else there is a position. */
function tokenAt(text: string): number {
  let before = ",";
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (" \t\n\r".includes(char)) continue;
    const isDue = before === "," || before === ":" || (before === "[" && char !== "]");
    if (isDue && "]},:".includes(char)) return at;
    before = char;
    if (char === '"') at = stringEnd(text, at);
    if ('"[]{},:'.includes(char)) continue;
    WORD.lastIndex = at;
    const [word] = WORD.exec(text)!;
    if (!/^(?:true|false|null|[-\d].*)$/.test(word)) return at + word.length;
    at += word.length - 1;
  }
  return text.length;
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}
