/**
 * A list of arguments as tasks: a line each, the user's own JSON as it stands. A task's id is the
 * number of its line, from 0.
 *
 * Lines travel as bytes: nobody between the list and the function parses what it only passes on.
 *
 * @module
 */

import { concatBytes } from "./helpers.ts";
import { nameOf, readBlocks, type Source, stringify } from "./ndjson.ts";

/** One task on its own. */
export interface Task {
  readonly id: number;
  /** Which try of the task this is, from 1. */
  readonly attempt: number;
  /** The JSON text of its arguments, without a newline. */
  readonly args: Uint8Array;
  /** What it may take, where it is not what the job says. */
  readonly limits?: Limits;
}

/** Some tasks on their way: the lines of their arguments, and where each of them ends. */
export interface TaskBatch {
  /** The lines, each with its newline. */
  readonly bytes: Uint8Array;
  /** The offset in `bytes` just behind each line. */
  readonly ends: Uint32Array;
  /** The tasks' ids, in the order of the lines. */
  readonly ids: Uint32Array;
  /** Which try of these tasks this is, from 1. */
  readonly attempt: number;
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
 * if (text !== '"a"\n"b"\n') throw new Error(text);
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

/** One task of a batch. */
export function taskAt({ bytes, ends, ids, attempt, limits }: TaskBatch, index: number): Task {
  const start = index === 0 ? 0 : ends[index - 1]!;
  const args = bytes.subarray(start, ends[index]! - 1);
  return { id: ids[index]!, attempt, args, ...(limits ? { limits } : {}) };
}

/** The JSON text of a task's arguments. A byte order mark in it is not cut off: JSON knows none. */
export function argsText(args: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(args);
}

/** Puts tasks together, in their order: a batch is for one attempt, with the same limits. */
export function joinTasks(tasks: readonly Task[]): TaskBatch[] {
  const batches: TaskBatch[] = [];
  const writer = new TaskWriter();
  for (const [i, { id, attempt, args, limits }] of tasks.entries()) {
    writer.addLine(id, args);
    const next = tasks[i + 1];
    if (next?.attempt === attempt && next.limits === limits) continue;
    batches.push({ ...writer.take(attempt), ...(limits ? { limits } : {}) });
  }
  return batches;
}

/** Stands before the id and the attempt of the task in the next line; those behind it count on. */
export const HEAD_MARK = "\x1e";

/**
 * A batch as a worker reads it: the lines, and before the first of those that follow each other a
 * line with its id and attempt.
 *
 * @example
 * ```ts
 * import { joinTasks, withHeads } from "./task.ts";
 *
 * const args = new TextEncoder().encode("true");
 * const [batch] = joinTasks([7, 8, 3].map((id) => ({ id, attempt: 1, args })));
 * const text = new TextDecoder().decode(withHeads(batch!));
 * if (text !== "\x1e7 1\ntrue\ntrue\n\x1e3 1\ntrue\n") throw new Error(text);
 * ```
 */
export function withHeads({ bytes, ends, ids, attempt }: TaskBatch): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let from = 0, start = 0; from < ids.length;) {
    let to = from + 1;
    while (to < ids.length && ids[to] === ids[to - 1]! + 1) to++;
    const end = ends[to - 1]!;
    parts.push(encoder.encode(`${HEAD_MARK}${ids[from]} ${attempt}\n`), bytes.subarray(start, end));
    from = to, start = end;
  }
  return concatBytes(parts);
}

/** What a list is called in an error. */
export function listName(list: ArgsList): string {
  return typeof list === "number" ? "list" : nameOf(list);
}

const encoder = new TextEncoder();
const CR = 13, NEWLINE = 10, RS = 30, SPACE = 32, TAB = 9;
// An id has 32 bits.
const MAX_TASKS = 2 ** 32;
const BATCH_BYTES = 64 * 1024;
const BATCH_LINES = 8192;
// Up to here a loop is faster than a call.
const SHORT = 64;
// Room that one very long line has made is given back.
const MAX_KEPT = 1024 * 1024;

/** Collects tasks into batches. */
class TaskWriter {
  #bytes = new Uint8Array(BATCH_BYTES);
  #ends = new Uint32Array(BATCH_LINES);
  #ids = new Uint32Array(BATCH_LINES);
  #at = 0;
  #count = 0;

  /** How many tasks have been collected. */
  get count(): number {
    return this.#count;
  }

  /**
   * Adds the task of the line that starts at an offset, if it is not blank, and gives where the next
   * line starts. Each line of a block ends with a newline.
   */
  addArgs(id: number, from: Uint8Array, start: number): number {
    // A JSON text sequence (RFC 7464) has one before each line; to a worker it means something else.
    while (from[start] === RS) start++;
    this.#reserve(SHORT + 1);
    const to = this.#bytes, most = Math.min(from.length, start + SHORT), first = this.#at;
    let at = first, i = start;
    // One loop that looks for the newline and copies: most lines are short.
    for (let byte = from[i]; byte !== NEWLINE && i < most; byte = from[++i]) to[at++] = byte!;
    if (from[i] !== NEWLINE) return this.#addLong(id, from, start);
    while (at > first && isBlank(to[at - 1]!)) at--;
    if (at > first) this.#end(id, at);
    return i + 1;
  }

  #addLong(id: number, from: Uint8Array, start: number): number {
    const newline = from.indexOf(NEWLINE, start + SHORT);
    let end = newline;
    while (end > start && isBlank(from[end - 1]!)) end--;
    if (end > start) this.addLine(id, from.subarray(start, end));
    return newline + 1;
  }

  /** Adds a task by its line, without a newline. */
  addLine(id: number, line: Uint8Array): void {
    this.#reserve(line.length + 1);
    this.#bytes.set(line, this.#at);
    this.#end(id, this.#at + line.length);
  }

  /** What has been collected; the writer starts anew. */
  take(attempt = 1): TaskBatch {
    // A copy is as large as its lines: thousands of batches can be on their way.
    const batch = {
      bytes: this.#bytes.slice(0, this.#at),
      ends: this.#ends.slice(0, this.#count),
      ids: this.#ids.slice(0, this.#count),
      attempt,
    };
    if (this.#bytes.length > MAX_KEPT) this.#bytes = new Uint8Array(BATCH_BYTES);
    this.#at = this.#count = 0;
    return batch;
  }

  #end(id: number, at: number): void {
    if (this.#count === this.#ids.length) this.#growMarks();
    this.#bytes[at] = NEWLINE;
    this.#at = at + 1;
    this.#ends[this.#count] = at + 1;
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

async function* fromBlocks(
  blocks: AsyncIterable<Uint8Array>,
  lines: LineNumbers,
): AsyncGenerator<TaskBatch> {
  const writer = new TaskWriter();
  let id = 0, isFirst = true;
  for await (const whole of blocks) {
    const block = isFirst ? whole.subarray(bomLength(whole)) : whole;
    isFirst = false;
    const batch = asBatch(block, id);
    if (batch) {
      id += batch.ids.length;
      yield batch;
      continue;
    }
    for (let start = 0; start < block.length;) {
      const { count } = writer;
      start = writer.addArgs(id, block, start);
      if (writer.count > count) id++;
      else lines.skip(id);
    }
    if (writer.count > 0) yield writer.take();
  }
}

/** A block as it is, where nothing has to be cut off its lines. */
function asBatch(block: Uint8Array, first: number): TaskBatch | undefined {
  const { length } = block;
  const marks = newMarks(length);
  let count = 0;
  for (let i = 0; i < length; count++) {
    // All that may have to be cut off is not above a blank.
    if (block[i]! <= SPACE) return undefined;
    do i++; while (block[i] !== NEWLINE);
    if (block[i - 1]! <= SPACE) return undefined;
    marks[count] = ++i;
  }
  const ids = new Uint32Array(count);
  for (let i = 0; i < count; i++) ids[i] = first + i;
  // A part of something large would keep all of it in memory.
  const bytes = 2 * length < block.buffer.byteLength ? block.slice() : block;
  return { bytes, ends: marks.slice(0, count), ids, attempt: 1 };
}

let lastMarks = new Uint32Array(0);

/** Room for the ends of the lines of a block: the same for each, as it is only copied from. */
function newMarks(length: number): Uint32Array {
  if (length > 2 * lastMarks.length) lastMarks = new Uint32Array(length / 2);
  return lastMarks;
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
  return stringify(value, `element ${id} of the list`) + "\n";
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
  return { bytes, ends, ids, attempt: 1 };
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
