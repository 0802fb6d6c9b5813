/**
 * Reads a list of arguments as tasks, one line per task, with the user's JSON unchanged. A task's
 * id is its position in the list, from 0.
 *
 * Lines are passed on as bytes. Only the worker that calls the function parses them.
 *
 * @module
 */

import { isGlob } from "../formats/disk_file.ts";
import type { Notice } from "../formats/format.ts";
import { LineNumbers } from "../formats/line_numbers.ts";
import { readRecords } from "../formats/read_records.ts";
import { readBlocks } from "../ndjson/blocks.ts";
import type { NonFiniteListener } from "../values/plain_copy.ts";
import { stringify } from "../values/stringify.ts";
import { scanLines } from "../util/bytes/byte_scan.ts";
import { NEWLINE } from "../util/bytes/bytes.ts";
import { isFile } from "../util/files/fs.ts";
import { onAbort } from "../util/on_abort.ts";
import { TaskBatch } from "./batch.ts";
import { CheckedList } from "./checked_list.ts";
import { CutList } from "./cuts/cut_list.ts";
import { joinReady } from "./join_ready.ts";
import { inspectFile, ListFiles } from "./list_files.ts";
import { crossedLines } from "./parameters/crossed_lines.ts";
import { CrossedFiles, ParameterList } from "./parameters/parameter_list.ts";
import { Places } from "./places.ts";
import { takeOnce } from "./read_once.ts";

/**
 * The list of a job. A list is an array or another iterable, the records of a path, a URL, `"-"`
 * (stdin), a byte stream or of several `files()`, a number n, which means the numbers 0 to n-1, or
 * the combinations of `grid()` and `zip()`.
 */
export type ArgsList<Arg = unknown> =
  | number
  | string
  | URL
  | ReadableStream<Uint8Array>
  | ListFiles
  | CrossedFiles
  | Iterable<Arg>
  | AsyncIterable<Arg>;

/** A list, or the part of one that becomes tasks. */
export type ListPart = ArgsList | CutList<ArgsList>;

/** A part of a list, which may have a check of its elements. */
export type TaskList = ListPart | CheckedList<ListPart>;

/** The options of {@linkcode toTasks}. */
export interface ListReadOptions {
  /** Receives the places of the tasks in their files, for errors. */
  readonly places?: Places | undefined;
  /** Receives facts about files that the user should know. @default {not reported} */
  readonly notice?: Notice | undefined;
  /**
   * Receives the path of each number in a list from code that becomes `null`.
   * @default {not reported}
   */
  readonly onNonFinite?: NonFiniteListener | undefined;
  /** Aborted when the list will not be read further. @default {never} */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Yields the tasks of a list in batches. The list is read as batches are requested.
 *
 * Lines of ndjson are copied without being parsed, so a line that is not JSON fails as a task. Blank
 * lines are not tasks.
 *
 * @example
 * ```ts
 * import { toTasks } from "./source.ts";
 *
 * const [batch] = await Array.fromAsync(toTasks(["a", "b"]));
 * const text = new TextDecoder().decode(batch?.bytes);
 * if (text !== '"a"\n"b"\n') throw new Error(text);
 * ```
 *
 * @throws {TypeError} when the list is of another type, or JSON cannot represent an element.
 * @throws {RangeError} when a number is not an integer from 0 to 2^32.
 * @throws {UsageError} when an iterator, a stream or stdin has been read before.
 */
export function toTasks(list: TaskList, options: ListReadOptions = {}): AsyncGenerator<TaskBatch> {
  const tasks = read(list, options);
  return isAsync(list) ? joinReady(tasks) : tasks;
}

function read(list: TaskList, options: ListReadOptions): AsyncGenerator<TaskBatch> {
  if (list instanceof CheckedList) return fromChecked(list, options);
  if (list instanceof CutList) return fromPart(list, options);
  if (typeof list === "number") return fromValues(range(list), options);
  if (list instanceof ParameterList) return fromParameters(list, options);
  if (list instanceof CrossedFiles) return fromCrossed(list, options);
  const files = filesOf(list);
  if (files) return fromFiles(files, options);
  if (isAsyncIterable(list)) {
    return fromAsync(list as AsyncIterable<unknown>, options);
  }
  if (Symbol.iterator in Object(list)) return fromValues(list as Iterable<unknown>, options);
  throw noList(list);
}

/** Returns true for a list that other code yields in pieces, which may be single elements. */
function isAsync(list: TaskList): boolean {
  if (list instanceof CheckedList || list instanceof CutList) return isAsync(list.list);
  if (list instanceof ListFiles) return list.sources.some(isAsyncIterable);
  return isAsyncIterable(list);
}

function isAsyncIterable(value: unknown): boolean {
  return Symbol.asyncIterator in Object(value);
}

/**
 * Refuses a value that is not a list.
 *
 * @throws {TypeError} when no tasks can be read from the value.
 */
export function checkIsList(list: ArgsList): void {
  const isIterable = isAsyncIterable(list) || Symbol.iterator in Object(list);
  if (typeof list !== "number" && !filesOf(list) && !isIterable) throw noList(list);
}

function noList(list: unknown): TypeError {
  return new TypeError(
    `Cannot read tasks from ${list === null ? "null" : `a value of type ${typeof list}`}: ` +
      "pass an array, an iterable, a number, a path or a stream",
  );
}

/** Returns the files of a list, if it has any, also when it is a single path, URL or stream. */
export function filesOf(list: ArgsList): ListFiles | undefined {
  if (list instanceof ListFiles) return list;
  if (list instanceof CrossedFiles) return list.files;
  const isFile = typeof list === "string" || list instanceof URL || list instanceof ReadableStream;
  return isFile ? new ListFiles([list]) : undefined;
}

/** Returns true for a list, or a part of one, whose elements are the records of files on a disk. */
export function isOnDisk(list: TaskList): boolean {
  if (list instanceof CheckedList || list instanceof CutList) return isOnDisk(list.list);
  const { sources = [] } = filesOf(list) ?? {};
  return sources.length > 0 &&
    sources.every((source) => isGlob(source) || (typeof source === "string" && isFile(source)));
}

/** Yields the tasks of the copy of a list in a job's folder, which is ndjson without blank lines. */
export function readTasks(path: string): AsyncGenerator<TaskBatch> {
  return fromBlocks(readBlocks(path), 0);
}

const CR = 13, RS = 30, SPACE = 32, TAB = 9;
// Ids are 32-bit integers.
const MAX_TASKS = 2 ** 32;
const BATCH_BYTES = 64 * 1024;

function fromPart(list: CutList<ArgsList>, options: ListReadOptions): AsyncGenerator<TaskBatch> {
  const { places = new Places(), signal = new AbortController().signal } = options;
  const whole = new Places(), inner = { ...options, places: whole };
  // Nothing is read after the last element that a limit keeps.
  const isExact = list.cuts.limit !== undefined;
  const tasks = isExact ? read(list.list, inner) : toTasks(list.list, inner);
  return list.cut(tasks, places.partOf(whole), { places: whole, signal });
}

function fromChecked(
  list: CheckedList<ListPart>,
  options: ListReadOptions,
): AsyncGenerator<TaskBatch> {
  const { places = new Places(), signal = new AbortController().signal } = options;
  const whole = list.keepsIds ? places : new Places();
  const origins = list.keepsIds ? undefined : places.partOf(whole);
  return list.tasks(toTasks(list.list, { ...options, places: whole }), {
    places: whole,
    signal,
    origins,
  });
}

async function* fromFiles(
  list: ListFiles,
  { places = new Places(), notice = () => {} }: ListReadOptions,
): AsyncGenerator<TaskBatch> {
  let first = 0;
  for (const [at, source] of list.sources.entries()) {
    takeOnce(source);
    const file = await inspectFile(list, at);
    const lines = places.begin(first, file.name, file.hasLines === true);
    const blocks = await readRecords(file, list.options, { lines, notice });
    const before = first;
    for await (const batch of fromBlocks(blocks, first, lines)) {
      first += batch.count;
      yield batch;
    }
    if (first === before) notice(`${file.name} has no records: it has no tasks`);
  }
}

/** Yields the lines of blocks as tasks, the first one with the id `first`. */
async function* fromBlocks(
  blocks: AsyncIterable<Uint8Array>,
  first: number,
  lines = new LineNumbers(),
): AsyncGenerator<TaskBatch> {
  let id = first;
  for await (const block of blocks) {
    const batch = asBatch(block, id) ?? trimmedBatch(block, id, (at) => lines.skip(at - first));
    id += batch.count;
    if (batch.count > 0) yield batch;
  }
}

/** Returns a block as a batch, or `undefined` if a line must be trimmed. */
function asBatch(block: Uint8Array, first: number): TaskBatch | undefined {
  const { length } = block, { count, isPadded } = scanLines(block);
  if (isPadded) return undefined;
  // A small part of a large buffer would keep the whole buffer in memory.
  const bytes = 2 * length < block.buffer.byteLength ? block.slice() : block;
  return TaskBatch.of(bytes, count, first);
}

/**
 * Copies the lines of a block that are not blank, without leading RS characters and trailing
 * blanks.
 */
function trimmedBatch(
  block: Uint8Array,
  first: number,
  skip: (id: number) => void,
): TaskBatch {
  const bytes = new Uint8Array(block.length);
  let count = 0, at = 0;
  for (let start = 0, newline; start < block.length; start = newline + 1) {
    newline = block.indexOf(NEWLINE, start);
    const line = trimmed(block.subarray(start, newline));
    if (line.length === 0) {
      skip(first + count);
      continue;
    }
    bytes.set(line, at);
    at += line.length + 1;
    bytes[at - 1] = NEWLINE;
    count++;
  }
  return TaskBatch.of(bytes.slice(0, at), count, first);
}

function trimmed(line: Uint8Array): Uint8Array {
  let start = 0, end = line.length;
  // A JSON text sequence (RFC 7464) has an RS before each line, which is not part of its JSON.
  while (line[start] === RS) start++;
  while (end > start && isBlank(line[end - 1]!)) end--;
  return line.subarray(start, end);
}

async function* fromAsync(
  values: AsyncIterable<unknown>,
  { onNonFinite, signal }: ListReadOptions,
): AsyncGenerator<TaskBatch> {
  let id = 0;
  takeOnce(values);
  const iterator = values[Symbol.asyncIterator]();
  // A list that is left during a read would stay open, with its files and connections.
  using _left = signal && onAbort(signal, () => void close(iterator));
  // The next value may be slow to arrive. Values that are ready are joined later.
  for await (const value of { [Symbol.asyncIterator]: () => iterator }) {
    yield toBatch(valueLine(id, value, onNonFinite), id++, 1);
  }
}

/** Closes a list once its pending read has ended. */
async function close(list: AsyncIterator<unknown>): Promise<void> {
  try {
    await list.return?.();
  } catch {
    // The run has ended.
  }
}

async function* fromValues(
  values: Iterable<unknown>,
  { onNonFinite }: ListReadOptions,
): AsyncGenerator<TaskBatch> {
  takeOnce(values);
  // The first batches are small, because a generator may be slow.
  const lines = valueLines(values, onNonFinite);
  yield* batchesOf(lines, 0, Array.isArray(values) ? BATCH_BYTES : 1);
}

function* valueLines(
  values: Iterable<unknown>,
  onNonFinite?: NonFiniteListener,
): Generator<string> {
  let id = 0;
  for (const value of values) yield valueLine(id++, value, onNonFinite);
}

function valueLine(id: number, value: unknown, onNonFinite?: NonFiniteListener): string {
  return stringify(value, `element ${id} of the list`, onNonFinite) + "\n";
}

async function* fromParameters(
  list: ParameterList,
  options: ListReadOptions,
): AsyncGenerator<TaskBatch> {
  reportParameters(list, options);
  yield* batchesOf(list.lines(), 0);
}

function reportParameters(
  { nonFinite, facts }: ParameterList,
  { notice, onNonFinite }: ListReadOptions,
): void {
  if (onNonFinite) nonFinite.forEach(onNonFinite);
  if (notice) facts.forEach((fact) => notice(...fact));
}

/** Yields the combinations of the rows of files and of parameters. */
async function* fromCrossed(
  { files, parameters }: CrossedFiles,
  { notice, onNonFinite }: ListReadOptions,
): AsyncGenerator<TaskBatch> {
  reportParameters(parameters, { notice, onNonFinite });
  const places = new Places();
  let first = 0;
  for await (const rows of fromFiles(files, { places, notice })) {
    const placed = Iterator.from(rows).map(({ id, args }) => ({ args, place: places.of(id)! }));
    for (const batch of batchesOf(crossedLines(placed, parameters), first)) {
      first += batch.count;
      yield batch;
    }
  }
}

/** Yields lines of JSON text as tasks, the first one with the id `first`. */
function* batchesOf(
  lines: Iterable<string>,
  first: number,
  size = BATCH_BYTES,
): Generator<TaskBatch> {
  let text = "", count = 0;
  for (const line of lines) {
    text += line;
    count++;
    if (text.length < size) continue;
    yield toBatch(text, first, count);
    first += count;
    text = "", count = 0;
    size = Math.min(size * 2, BATCH_BYTES);
  }
  if (count > 0) yield toBatch(text, first, count);
}

/** Returns lines of JSON text as a batch. */
function toBatch(text: string, first: number, count: number): TaskBatch {
  return TaskBatch.of(new TextEncoder().encode(text), count, first);
}

function* range(length: number): Generator<number> {
  if (!Number.isInteger(length) || length < 0 || length > MAX_TASKS) {
    throw new RangeError(
      `Cannot read a list of ${length} tasks: pass a whole number from 0 to ${MAX_TASKS}`,
    );
  }
  for (let i = 0; i < length; i++) yield i;
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === CR || byte === TAB;
}
