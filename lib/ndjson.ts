/**
 * Newline-delimited JSON, streamed: one value a line, from and to files, URLs, pipes and iterables.
 *
 * @module
 */

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
export async function* read<T = unknown>(
  source: Source,
  options: ReadOptions = {},
): AsyncGenerator<T> {
  for await (const values of readBatches<T>(source, options)) yield* values;
}

/** Reads values as {@linkcode read} does, as many at once as a read of the source brought. */
export async function* readBatches<T = unknown>(
  source: Source,
  options: ReadOptions = {},
): AsyncGenerator<T[]> {
  if (!isBytes(source)) {
    for await (const value of source) yield [value as T];
    return;
  }
  const parser = new BlockParser<T>(nameOf(source), options);
  for await (const block of readBlocks(source)) yield parser.parse(block);
  parser.end();
}

/**
 * Writes a value a line: each element of an array or an iterable, or the one value that is given.
 *
 * Appends, unless told to overwrite. Gives the number of lines.
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
  const writer = await openTarget(target, options);
  let count = 0;
  try {
    for await (const [text, lines] of toBlocks(values)) {
      await writer.write(new TextEncoder().encode(text));
      count += lines;
    }
  } finally {
    await writer.close();
  }
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
 * @throws {TypeError} on a BigInt, a cycle, `undefined`, a function, a symbol, a `Map` or a `Set`.
 */
export function stringify(value: unknown, name = "value"): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw unserializable(value, name) ?? cause;
  }
  // The walk is safe only now: JSON.stringify has shown that there is no cycle.
  if (text === undefined || (typeof value === "object" && value !== null && hasHole(value))) {
    throw unserializable(value, name) ??
      new TypeError(`Cannot write ${name}: it has no JSON form`);
  }
  return text;
}

/**
 * The whole lines of a source as bytes, in blocks as they were read; each line ends with a newline.
 *
 * This is what lets a caller pass lines on without decoding them.
 */
export async function* readBlocks(
  source: string | URL | ReadableStream<Uint8Array>,
  { torn = "keep" }: BlockOptions = {},
): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  for await (const chunk of await openSource(source)) {
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
 */
export function badLine(text: string, name: string, line: number, cause: unknown): SyntaxError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const column = brokenAt(text) + 1;
  return new SyntaxError(
    `Cannot read ${name}:${line}:${column}: ${
      reason.replace(/ (?:in|after) JSON at position.*/, "")
    }`,
    { cause },
  );
}

/** Parses blocks of lines and knows where it is, for the errors. */
class BlockParser<T> {
  #line = 0;
  #skipped = 0;
  #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  constructor(readonly name: string, readonly options: ReadOptions) {}

  parse(block: Uint8Array): T[] {
    const text = this.#decode(block);
    const values: T[] = [];
    let start = this.#line === 0 && text.startsWith(BOM) ? 1 : 0;
    for (let end = text.indexOf("\n", start); end >= 0; end = text.indexOf("\n", start)) {
      this.#line++;
      const line = text.slice(start, end);
      start = end + 1;
      try {
        values.push(JSON.parse(line));
      } catch (cause) {
        if (line.trim() !== "") this.#bad(badLine(line, this.name, this.#line, cause));
      }
    }
    return values;
  }

  end(): void {
    if (this.#skipped > 0 && !this.options.onSkip) {
      console.warn(`${this.name}: ${this.#skipped} lines that are no JSON were passed over`);
    }
  }

  #bad(error: SyntaxError): void {
    if (this.options.onError !== "skip") throw error;
    this.#skipped++;
    this.options.onSkip?.(error);
  }

  #decode(block: Uint8Array): string {
    try {
      return this.#decoder.decode(block);
    } catch (cause) {
      throw new SyntaxError(
        `Cannot read ${this.name}: bytes after line ${this.#line} are no UTF-8, convert the file first`,
        { cause },
      );
    }
  }
}

function isBytes(source: Source): source is string | URL | ReadableStream<Uint8Array> {
  return typeof source === "string" || source instanceof URL || source instanceof ReadableStream;
}

async function openSource(
  source: string | URL | ReadableStream<Uint8Array>,
): Promise<ReadableStream<Uint8Array>> {
  if (source instanceof ReadableStream) return source;
  if (source === "-") return Deno.stdin.readable;
  if (/^https?:/.test(String(source))) return await openUrl(source);
  return (await Deno.open(source)).readable;
}

async function openUrl(url: string | URL): Promise<ReadableStream<Uint8Array>> {
  const response = await fetch(url);
  if (response.ok) return response.body ?? new Blob([]).stream();
  await response.body?.cancel();
  throw new Error(`Cannot read ${url}: the server answered ${response.status}, check the address`);
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

async function openTarget(
  target: string | URL | WritableStream<Uint8Array>,
  { overwrite = false }: WriteOptions,
): Promise<WritableStreamDefaultWriter<Uint8Array>> {
  if (target instanceof WritableStream) return target.getWriter();
  const file = await Deno.open(target, {
    write: true,
    create: true,
    append: !overwrite,
    truncate: overwrite,
  });
  return file.writable.getWriter();
}

// Big enough that a write costs little, small enough that a slow source is seen to move.
const WRITE_SIZE = 64 * 1024;

async function* toBlocks(values: unknown): AsyncGenerator<[text: string, lines: number]> {
  let text = "", lines = 0, index = 0;
  for await (const value of isIterable(values) ? values : [values]) {
    text += stringify(value, `value ${index++}`) + "\n";
    lines++;
    if (text.length < WRITE_SIZE) continue;
    yield [text, lines];
    text = "", lines = 0;
  }
  if (lines > 0) yield [text, lines];
}

function isIterable(values: unknown): values is Iterable<unknown> | AsyncIterable<unknown> {
  return typeof values === "object" && values !== null &&
    (Symbol.iterator in values || Symbol.asyncIterator in values);
}

/** Whether JSON.stringify would drop something on the way; the value has no cycle. */
function hasHole(value: object): boolean {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (isHole(value[i])) return true;
    return false;
  }
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") return false;
  if (value instanceof Map || value instanceof Set) return true;
  for (const key in value) if (isHole((value as Record<string, unknown>)[key])) return true;
  return false;
}

function isHole(value: unknown): boolean {
  switch (typeof value) {
    case "object":
      return value !== null && hasHole(value);
    case "undefined":
    case "function":
    case "symbol":
      return true;
    default:
      return false;
  }
}

/** The error for the first place in a value that JSON cannot hold, if there is one. */
function unserializable(
  value: unknown,
  path: string,
  above: readonly object[] = [],
): TypeError | undefined {
  const kind = refused(value, above);
  if (kind) return new TypeError(`Cannot write ${path}: ${kind}`);
  if (typeof value !== "object" || value === null || "toJSON" in value) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const error = unserializable(inner, path + step(value, key), [...above, value]);
    if (error) return error;
  }
  return undefined;
}

function refused(value: unknown, above: readonly object[]): string | undefined {
  if (typeof value === "bigint") {
    return "JSON has no BigInt, give it as a string or a number";
  }
  if (typeof value === "object" && value !== null) {
    if (above.includes(value)) return "it contains itself, give a copy without the cycle";
    if (value instanceof Map) return "JSON has no Map, give Object.fromEntries(map)";
    if (value instanceof Set) return "JSON has no Set, give [...set]";
    return undefined;
  }
  if (typeof value === "undefined") return "JSON has no undefined, give null or leave it out";
  if (typeof value === "function") return "JSON has no functions, give what it returns";
  if (typeof value === "symbol") return "JSON has no symbols, give a string";
  return undefined;
}

function step(value: object, key: string): string {
  if (Array.isArray(value)) return `[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** The index of the first character of a text that JSON does not allow: `JSON.parse` does not tell. */
function brokenAt(text: string): number {
  let at = 0;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at += found[0].length;
    return found !== null;
  };
  const space = () => take(/[ \t\n\r]*/y);
  const list = (close: RegExp, item: () => boolean): boolean => {
    space();
    if (take(close)) return true;
    do {
      space();
      if (!item()) return false;
      space();
    } while (take(/,/y));
    return take(close);
  };
  const string = () => take(/"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y);
  const member = () => string() && space() && take(/:/y) && space() && value();
  const value = (): boolean => {
    if (take(/\{/y)) return list(/\}/y, member);
    if (take(/\[/y)) return list(/\]/y, value);
    return string() || take(/true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y);
  };
  space();
  if (value()) space();
  return at;
}
