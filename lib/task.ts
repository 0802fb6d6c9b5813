/**
 * A list of arguments as task lines: `{"id":0,"args":<the user's own JSON>}`.
 *
 * Lines travel as bytes. The key order is part of the format, so that nobody between the list and
 * the function has to parse what it only passes on. A new key also needs a new journal version.
 *
 * @module
 */

import { nameOf, readBlocks, type Source, stringify } from "./ndjson.ts";

/** Some tasks on their way: whole task lines, and where each of them ends. */
export interface TaskBatch {
  /** The lines, each with its newline. */
  readonly bytes: Uint8Array;
  /** The offset in `bytes` just behind each line. */
  readonly ends: Uint32Array;
  /** The tasks' ids, in the order of the lines. */
  readonly ids: Uint32Array;
  /** What these tasks may take, where it is not what the job says. */
  readonly limits?: Limits;
}

/** What an attempt may take. */
export interface Limits {
  /** The longest that it may take, in milliseconds. */
  readonly timeout?: number;
  /** The most memory that its worker may take, in bytes. */
  readonly memory?: number;
}

/** What a job runs over: a list in any form, or a number n for 0 to n-1. */
export type ArgsList = Source | number;

/**
 * The tasks of a list, in batches, read as they are asked for.
 *
 * Lines of a file or a stream are copied without being parsed: one that is no JSON fails as a task.
 * Blank lines are no tasks.
 *
 * @example
 * ```ts
 * import { toTasks } from "./task.ts";
 *
 * const [batch] = await Array.fromAsync(toTasks(["a", "b"]));
 * const text = new TextDecoder().decode(batch?.bytes);
 * if (text !== '{"id":0,"args":"a"}\n{"id":1,"args":"b"}\n') throw new Error(text);
 * ```
 */
export function toTasks(list: ArgsList, lines = new LineNumbers()): AsyncGenerator<TaskBatch> {
  if (typeof list === "number") return fromValues(range(list));
  if (typeof list === "string" || list instanceof URL || list instanceof ReadableStream) {
    return fromBlocks(readBlocks(list), lines);
  }
  if (Symbol.asyncIterator in Object(list)) return fromAsync(list as AsyncIterable<unknown>);
  if (Symbol.iterator in Object(list)) return fromValues(list as Iterable<unknown>);
  throw new TypeError(
    `Cannot make tasks of ${list === null ? "null" : `a value of type ${typeof list}`}: ` +
      "give an array, an iterable, a number, a path or a stream",
  );
}

/**
 * Which line of its source a task comes from: blank lines are no tasks.
 *
 * @example
 * ```ts
 * import { LineNumbers, toTasks } from "./task.ts";
 *
 * const lines = new LineNumbers();
 * await Array.fromAsync(toTasks(new Blob(["1\n\n2\n"]).stream(), lines));
 * if (lines.of(0) !== 1 || lines.of(1) !== 3) throw new Error("not the line");
 * ```
 */
export class LineNumbers {
  #ids: number[] = [];
  #skipped: number[] = [];

  /** Takes note of a blank line before a task. */
  skip(id: number): void {
    if (this.#ids.at(-1) === id) this.#skipped[this.#skipped.length - 1]!++;
    else {
      this.#skipped.push((this.#skipped.at(-1) ?? 0) + 1);
      this.#ids.push(id);
    }
  }

  /** The number of a task's line, from 1. */
  of(id: number): number {
    const index = this.#ids.findLastIndex((first) => first <= id);
    return id + 1 + (this.#skipped[index] ?? 0);
  }
}

/** Some of the tasks of a batch, sharing its bytes. */
export function sliceTasks(batch: TaskBatch, from: number, to: number): TaskBatch {
  const start = from === 0 ? 0 : batch.ends[from - 1]!;
  return {
    ...batch,
    bytes: batch.bytes.subarray(start, batch.ends[to - 1] ?? start),
    ends: batch.ends.subarray(from, to).map((end) => end - start),
    ids: batch.ids.subarray(from, to),
  };
}

/** The line of one task of a batch, without its newline. */
export function taskLine(batch: TaskBatch, index: number): Uint8Array {
  const start = index === 0 ? 0 : batch.ends[index - 1]!;
  return batch.bytes.subarray(start, batch.ends[index]! - 1);
}

/** The user's own JSON in a task line. */
export function argsText(line: Uint8Array): string {
  const text = new TextDecoder().decode(line);
  return text.slice(text.indexOf('"args":') + 7, -1);
}

/** The same task line for a later attempt. */
export function withAttempt(line: Uint8Array, id: number, attempt: number): Uint8Array {
  return encoder.encode(`{"id":${id},"attempt":${attempt},"args":${argsText(line)}}`);
}

/** Puts lines that are already task lines together. */
export function joinTasks(
  lines: readonly { readonly id: number; readonly line: Uint8Array }[],
  limits?: Limits,
): TaskBatch {
  const writer = new TaskWriter();
  for (const { id, line } of lines) writer.addLine(id, line);
  return limits ? { ...writer.take(), limits } : writer.take();
}

/** Which attempt a task line is for. */
export function attemptOf(line: Uint8Array): number {
  const head = new TextDecoder().decode(line.subarray(0, 40));
  return Number(/^\{"id":\d+,"attempt":(\d+)/.exec(head)?.[1] ?? 1);
}

/** What a list is called in an error. */
export function listName(list: ArgsList): string {
  return typeof list === "number" ? "list" : nameOf(list);
}

const encoder = new TextEncoder();
const BRACE = 125, CR = 13, NEWLINE = 10, SPACE = 32, TAB = 9, ZERO = 48, NINE = 57;
const HEAD = encoder.encode('{"id":');
// Enough for `{"id":4294967295,"args":}` and a newline around the user's own bytes.
const FRAME = 27;
// An id has 32 bits.
const MAX_TASKS = 2 ** 32;
const BATCH_BYTES = 64 * 1024;
// Up to here a loop is faster than a call.
const SHORT = 64;
// Room that one very long line has made is given back.
const MAX_KEPT = 1024 * 1024;

/** Collects task lines into batches. */
class TaskWriter {
  #bytes = new Uint8Array(BATCH_BYTES);
  #ends = new Uint32Array(BATCH_BYTES / FRAME);
  #ids = new Uint32Array(BATCH_BYTES / FRAME);
  #at = 0;
  #count = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /**
   * Adds the task of the line that starts at an offset, if it is not blank, and gives where the next
   * line starts. Each line of a block ends with a newline.
   */
  addArgs(head: TaskHead, from: Uint8Array, start: number): number {
    this.#reserve(SHORT + FRAME);
    const to = this.#bytes, most = Math.min(from.length, start + SHORT);
    const first = copyBytes(to, this.#at, head.bytes, head.start, head.bytes.length);
    let at = first, i = start;
    // One loop that looks for the newline and copies: most lines are short.
    for (let byte = from[i]; byte !== NEWLINE && i < most; byte = from[++i]) to[at++] = byte!;
    if (from[i] !== NEWLINE) return this.#addLong(head, from, start);
    while (at > first && isBlank(to[at - 1]!)) at--;
    if (at > first) this.#end(head, at);
    return i + 1;
  }

  #addLong(head: TaskHead, from: Uint8Array, start: number): number {
    const newline = from.indexOf(NEWLINE, start + SHORT);
    this.#reserve(newline - start + FRAME);
    let end = newline;
    while (end > start && isBlank(from[end - 1]!)) end--;
    if (end === start) return newline + 1;
    const at = copyBytes(this.#bytes, this.#at, head.bytes, head.start, head.bytes.length);
    this.#end(head, copyBytes(this.#bytes, at, from, start, end));
    return newline + 1;
  }

  #end(head: TaskHead, at: number): void {
    this.#bytes[at] = BRACE;
    this.#bytes[at + 1] = NEWLINE;
    this.#mark(head.id, at + 2);
    head.next();
  }

  /** Adds a line that is a task line already, without its newline. */
  addLine(id: number, line: Uint8Array): void {
    this.#reserve(line.length + 1);
    this.#bytes.set(line, this.#at);
    this.#bytes[this.#at + line.length] = NEWLINE;
    this.#mark(id, this.#at + line.length + 1);
  }

  /** What has been collected; the writer starts anew. */
  take(): TaskBatch {
    // A copy is as large as its lines: thousands of batches can be on their way.
    const batch = {
      bytes: this.#bytes.slice(0, this.#at),
      ends: this.#ends.slice(0, this.#count),
      ids: this.#ids.slice(0, this.#count),
    };
    if (this.#bytes.length > MAX_KEPT) this.#bytes = new Uint8Array(BATCH_BYTES);
    this.#at = this.#count = 0;
    return batch;
  }

  #mark(id: number, at: number): void {
    if (this.#count === this.#ids.length) this.#growMarks();
    this.#at = at;
    this.#ends[this.#count] = at;
    this.#ids[this.#count++] = id;
  }

  #growMarks(): void {
    const larger = (marks: Uint32Array) => {
      const copy = new Uint32Array(marks.length * 2);
      copy.set(marks);
      return copy;
    };
    this.#ends = larger(this.#ends);
    this.#ids = larger(this.#ids);
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#at + size, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}

/**
 * Copies bytes and gives the offset behind them.
 *
 * A loop is faster than a `subarray` and a `set` for the short lines that most lists have.
 */
export function copyBytes(
  to: Uint8Array,
  at: number,
  from: Uint8Array,
  start: number,
  end: number,
): number {
  if (end - start > SHORT) {
    to.set(from.subarray(start, end), at);
    return at + end - start;
  }
  for (let i = start; i < end; i++) to[at++] = from[i]!;
  return at;
}

/** The head of one task line after the other, counted up in place: `{"id":3,"args":`. */
class TaskHead {
  id = 0;
  /** Where the head starts in `bytes`: it grows to the front. */
  start: number;
  readonly bytes: Uint8Array;
  #ones: number;

  constructor() {
    const text = encoder.encode(`${" ".repeat(10)}{"id":0,"args":`);
    this.bytes = text;
    this.start = 10;
    this.#ones = this.start + HEAD.length;
  }

  /** Goes on to the next id. */
  next(): void {
    this.id++;
    const { bytes } = this;
    let at = this.#ones;
    for (; bytes[at] === NINE; at--) bytes[at] = ZERO;
    if (bytes[at]! >= ZERO && bytes[at]! < NINE) bytes[at]!++;
    else this.#grow();
  }

  #grow(): void {
    this.start--;
    this.bytes.set(HEAD, this.start);
    this.bytes[this.start + HEAD.length] = ZERO + 1;
  }
}

async function* fromBlocks(
  blocks: AsyncIterable<Uint8Array>,
  lines: LineNumbers,
): AsyncGenerator<TaskBatch> {
  const writer = new TaskWriter();
  const head = new TaskHead();
  let isFirst = true;
  for await (const block of blocks) {
    let start = isFirst ? bomLength(block) : 0;
    isFirst = false;
    while (start < block.length) {
      const { id } = head;
      start = writer.addArgs(head, block, start);
      if (head.id === id) lines.skip(id);
    }
    if (!writer.isEmpty) yield writer.take();
  }
}

async function* fromAsync(values: AsyncIterable<unknown>): AsyncGenerator<TaskBatch> {
  let id = 0;
  // Each on its own: the next value may take long.
  for await (const value of values) yield toBatch(valueLine(id, value), id++, 1);
}

async function* fromValues(values: Iterable<unknown>): AsyncGenerator<TaskBatch> {
  let text = "", first = 0, count = 0;
  // The first ones at once: a list that takes long to make need not be waited for.
  let size = Array.isArray(values) ? BATCH_BYTES : 1;
  for (const value of values) {
    text += valueLine(first + count, value);
    count++;
    if (text.length < size) continue;
    yield toBatch(text, first, count);
    first += count;
    text = "", count = 0;
    size = Math.min(size * 2, BATCH_BYTES);
  }
  if (count > 0) yield toBatch(text, first, count);
}

function valueLine(id: number, value: unknown): string {
  return `{"id":${id},"args":${stringify(value, `element ${id} of the list`)}}\n`;
}

/** The batch of some lines of text: JSON has no newline inside a line. */
function toBatch(text: string, first: number, count: number): TaskBatch {
  const bytes = encoder.encode(text);
  const ends = new Uint32Array(count), ids = new Uint32Array(count);
  for (let i = 0, at = 0; i < count; i++) {
    at = bytes.indexOf(NEWLINE, at) + 1;
    ends[i] = at;
    ids[i] = first + i;
  }
  return { bytes, ends, ids };
}

function* range(length: number): Generator<number> {
  if (!Number.isInteger(length) || length < 0 || length > MAX_TASKS) {
    throw new RangeError(
      `Cannot make a list of ${length} tasks: give a whole number from 0 to ${MAX_TASKS}`,
    );
  }
  for (let i = 0; i < length; i++) yield i;
}

function bomLength(block: Uint8Array): number {
  return block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf ? 3 : 0;
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === CR || byte === TAB;
}
