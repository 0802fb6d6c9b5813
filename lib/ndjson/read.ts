/**
 * Values from lines of JSON.
 *
 * @module
 */

import { concatBytes } from "../util/bytes.ts";
import { badLine } from "./bad_line.ts";
import { type ByteSource, nameOf, openSource, type Source } from "./blocks.ts";

/** How {@linkcode read} treats what it meets. */
export interface ReadOptions {
  /** What a line that is no JSON does: end the reading, or be counted and passed over. @default {"throw"} */
  readonly onError?: "throw" | "skip";
  /** Told of each line that was passed over. @default {a warning on stderr at the end} */
  readonly onSkip?: (error: SyntaxError) => void;
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
 * import { read } from "./read.ts";
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
 * import { readBatches } from "./read.ts";
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
  const lines = new LineParser<T>(nameOf(source), options);
  for await (const chunk of await openSource(source)) {
    lines.parse(chunk);
    if (lines.hasValues) yield lines.take();
    lines.check();
  }
  // What an end of line would bring to light.
  lines.parse(Uint8Array.of(NEWLINE));
  if (lines.hasValues) yield lines.take();
  lines.check();
  lines.end();
}

/**
 * Calls a function for each value of a source and gives what it returns, as it returns it.
 *
 * @example
 * ```ts
 * import { apply } from "./read.ts";
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

/** Parses the lines that chunks of bytes bring, and knows where it is, for the errors. */
class LineParser<T> {
  #values: T[] = [];
  #line = 0;
  #begun = "";
  /** Whether all lines so far were objects on their own. */
  #isFlat = true;
  #skipped = 0;
  #error: SyntaxError | undefined;
  #text = new TextPieces();

  constructor(readonly name: string, readonly options: ReadOptions) {}

  get hasValues(): boolean {
    return this.#values.length > 0;
  }

  /** Gives the values away, so that no old one is in memory while the next is made. */
  take(): T[] {
    const values = this.#values;
    this.#values = [];
    return values;
  }

  /** Parses the lines that end in a chunk, up to the first that is no JSON. */
  parse(chunk: Uint8Array): void {
    const text = this.#text.decode(chunk), end = text.lastIndexOf("\n");
    if (end < 0) {
      this.#begun = addText(this.#begun, text);
      return;
    }
    let lines = addText(this.#begun, text.slice(0, end));
    this.#begun = text.slice(end + 1);
    if (this.#line === 0 && lines.startsWith(BOM)) lines = lines.slice(1);
    this.#values = this.#parseAtOnce(lines) ?? this.#parseEach(lines.split("\n"));
  }

  /** Throws what ended the last chunk. */
  check(): void {
    if (this.#error) throw this.#error;
  }

  end(): void {
    if (this.#skipped === 0 || this.options.onSkip) return;
    const lines = this.#skipped === 1 ? "1 line that is" : `${this.#skipped} lines that are`;
    console.warn(`${this.name}: ${lines} no JSON: passed over`);
  }

  /**
   * Parses lines that are objects without lists as one list, which takes a quarter less than each by
   * itself; nothing when they are others, or when one of them is no JSON.
   *
   * Without a list around it an object is followed by a comma and another object only between two
   * lines, no text goes on behind the end of a line, and a line that is two objects shows in the
   * count. So lines cannot run into each other.
   */
  #parseAtOnce(text: string): T[] | undefined {
    if (!this.#isFlat || !text.startsWith("{") || text.includes("[")) return undefined;
    const objects = text.split("}\n{");
    // As little allowed within a text as the end of a line, and told apart from those that are left.
    const list = `[${objects.join("},\r{")}]`;
    try {
      const values = list.includes("\n") ? [] : JSON.parse(list);
      if (values.length === objects.length) {
        this.#line += values.length;
        return values;
      }
    } catch {
      // Each by itself they tell which it is.
    }
    this.#isFlat = false;
    return undefined;
  }

  #parseEach(lines: string[]): T[] {
    // A value takes the place of its line, as a list that grows costs more.
    const values = lines as unknown[] as T[];
    let count = 0;
    for (let i = 0; i < lines.length && !this.#error; i++) {
      const line = lines[i]!;
      this.#line++;
      try {
        values[count] = JSON.parse(line);
        count++;
      } catch (cause) {
        if (line.trim() !== "") this.#bad(line, cause);
      }
    }
    values.length = count;
    return values;
  }

  #bad(line: string, cause: unknown): void {
    const reason = NO_LINES.find((reason) => line.includes(reason));
    const error = reason === undefined
      ? badLine(line, this.name, this.#line, cause)
      : new SyntaxError(`Cannot read ${this.name}:${this.#line}: ${reason.slice(1)}`);
    if (this.options.onError !== "skip") {
      this.#error = error;
      return;
    }
    this.#skipped++;
    this.options.onSkip?.(error);
  }
}

// These stand for what cannot be had as text, in its place in the line; the zero in front makes sure
// that no such line is JSON.
const NO_TEXT = "\0the line is no UTF-8, convert the file first";
const TOO_LONG = "\0the line is longer than a text can be, split it";
const NO_LINES = [NO_TEXT, TOO_LONG];

function addText(text: string, more: string): string {
  try {
    return text + more;
  } catch {
    return TOO_LONG;
  }
}

/**
 * Makes text of chunks of bytes, which may end within a character.
 *
 * What `TextDecoder` does with `stream: true`, but that takes twice the time.
 */
class TextPieces {
  #torn: Uint8Array | undefined;
  #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

  /** The text of a chunk, but for a last character of which more may come. */
  decode(chunk: Uint8Array): string {
    const bytes = this.#torn ? concatBytes([this.#torn, chunk]) : chunk;
    const end = lastCharacter(bytes);
    this.#torn = end < bytes.length ? bytes.slice(end) : undefined;
    const whole = bytes.subarray(0, end);
    const text = this.#decoder.decode(whole);
    // The strict one takes twice the time, and there is something to find only where there is a
    // replacement character.
    return text.includes("\ufffd") ? this.#decodeEach(whole) : text;
  }

  // The decoder does not tell which line it stumbled over.
  #decodeEach(bytes: Uint8Array): string {
    let text = "";
    for (let start = 0; start < bytes.length;) {
      const end = bytes.indexOf(NEWLINE, start) + 1 || bytes.length;
      text += this.#decodeLine(bytes.subarray(start, end));
      start = end;
    }
    return text;
  }

  #decodeLine(bytes: Uint8Array): string {
    try {
      return this.#strict.decode(bytes);
    } catch {
      return bytes.at(-1) === NEWLINE ? `${NO_TEXT}\n` : NO_TEXT;
    }
  }
}

/** Where the last character begins when it has several bytes, else the end. */
function lastCharacter(bytes: Uint8Array): number {
  for (let at = bytes.length - 1; at >= bytes.length - 4 && bytes[at]! >= 0x80; at--) {
    if (bytes[at]! >= 0xc0) return at;
  }
  return bytes.length;
}

function isBytes(source: Source): source is ByteSource {
  return typeof source === "string" || source instanceof URL || source instanceof ReadableStream;
}
