/**
 * Tasks on their way: lines of arguments, and which tasks these are.
 *
 * @module
 */

import { concatBytes } from "../util/bytes.ts";

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

/** What an attempt may take. */
export interface Limits {
  /** The longest that it may take, in milliseconds. */
  readonly timeout?: number | undefined;
  /** The most memory that its worker may take, in bytes. */
  readonly memory?: number | undefined;
}

/** What all tasks of a batch have in common. */
export interface BatchOptions {
  /** Which try of these tasks this is. @default {1} */
  readonly attempt?: number;
  readonly limits?: Limits;
}

const NEWLINE = 10;

/**
 * Some tasks on their way.
 *
 * Where the lines of a batch end is not looked at before somebody takes the batch apart: most are
 * passed on as they are.
 *
 * @example
 * ```ts
 * import { TaskBatch } from "./batch.ts";
 *
 * const bytes = new TextEncoder().encode("1\n[2]\n");
 * const batch = TaskBatch.of(bytes, 2, 7);
 * const { id, args } = batch.task(1);
 * if (id !== 8 || new TextDecoder().decode(args) !== "[2]") throw new Error("another task");
 * ```
 */
export class TaskBatch {
  #lines: Lines;
  #from: number;

  private constructor(
    lines: Lines,
    from: number,
    /** How many there are. */
    readonly count: number,
    /** Which try of these tasks this is, from 1. */
    readonly attempt: number,
    /** What these tasks may take, where it is not what the job says. */
    readonly limits?: Limits,
  ) {
    this.#lines = lines;
    this.#from = from;
  }

  /**
   * A batch of whole lines.
   *
   * @param ids the id of each, or that of the first when the others follow it
   */
  static of(
    bytes: Uint8Array,
    count: number,
    ids: number | Uint32Array,
    { attempt = 1, limits }: BatchOptions = {},
  ): TaskBatch {
    return new TaskBatch(new Lines(bytes, count, ids), 0, count, attempt, limits);
  }

  /** The lines, each with its newline. */
  get bytes(): Uint8Array {
    const start = this.#lines.startOf(this.#from);
    return this.#lines.bytes.subarray(start, this.#lines.startOf(this.#from + this.count));
  }

  /** The id of one of them. */
  id(index: number): number {
    const { ids } = this.#lines;
    return typeof ids === "number" ? ids + this.#from + index : ids[this.#from + index]!;
  }

  /** Which one has an id; -1 when none does. */
  indexOf(id: number): number {
    const { ids } = this.#lines;
    const index = (typeof ids === "number" ? id - ids : ids.indexOf(id, this.#from)) - this.#from;
    return index < this.count ? Math.max(index, -1) : -1;
  }

  /** The end of those that follow one of them in the list, each the other. */
  rowEnd(from: number): number {
    if (typeof this.#lines.ids === "number") return this.count;
    let to = from + 1;
    while (to < this.count && this.id(to) === this.id(to - 1) + 1) to++;
    return to;
  }

  /** One of them. */
  task(index: number): Task {
    const { limits, attempt } = this, at = this.#from + index;
    const args = this.#lines.bytes.subarray(
      this.#lines.startOf(at),
      this.#lines.startOf(at + 1) - 1,
    );
    return { id: this.id(index), attempt, args, ...(limits ? { limits } : {}) };
  }

  /** Some of them, in the same memory. */
  slice(from: number, to = this.count): TaskBatch {
    return new TaskBatch(this.#lines, this.#from + from, to - from, this.attempt, this.limits);
  }

  /** The same tasks with other limits. */
  withLimits(limits: Limits): TaskBatch {
    return new TaskBatch(this.#lines, this.#from, this.count, this.attempt, limits);
  }

  *[Symbol.iterator](): Generator<Task> {
    for (let index = 0; index < this.count; index++) yield this.task(index);
  }
}

/** Lines that batches share, and where each of them starts. */
class Lines {
  #starts: Uint32Array | undefined;

  constructor(
    readonly bytes: Uint8Array,
    readonly count: number,
    readonly ids: number | Uint32Array,
  ) {}

  /** Where a line starts; the one behind the last starts at the end. */
  startOf(line: number): number {
    if (line === 0) return 0;
    if (line === this.count) return this.bytes.length;
    return (this.#starts ??= this.#findStarts())[line]!;
  }

  #findStarts(): Uint32Array {
    const starts = new Uint32Array(this.count);
    for (let line = 1; line < this.count; line++) {
      starts[line] = this.bytes.indexOf(NEWLINE, starts[line - 1]) + 1;
    }
    return starts;
  }
}

/** Puts tasks together, in their order: a batch is for one attempt, with the same limits. */
export function joinTasks(tasks: readonly Task[]): TaskBatch[] {
  const batches: TaskBatch[] = [];
  for (let from = 0, to; from < tasks.length; from = to) {
    const { attempt, limits } = tasks[from]!;
    to = from + 1;
    while (tasks[to]?.attempt === attempt && tasks[to]!.limits === limits) to++;
    batches.push(joinAlike(tasks.slice(from, to), { attempt, ...(limits ? { limits } : {}) }));
  }
  return batches;
}

function joinAlike(tasks: readonly Task[], options: BatchOptions): TaskBatch {
  const bytes = new Uint8Array(tasks.reduce((sum, { args }) => sum + args.length + 1, 0));
  let at = 0;
  for (const { args } of tasks) {
    bytes.set(args, at);
    at += args.length + 1;
    bytes[at - 1] = NEWLINE;
  }
  return TaskBatch.of(bytes, tasks.length, Uint32Array.from(tasks, ({ id }) => id), options);
}

/** Puts batches together, in their order, as far as they are for one attempt with the same limits. */
export function joinBatches(batches: readonly TaskBatch[]): TaskBatch[] {
  const joined: TaskBatch[] = [];
  for (let from = 0, to; from < batches.length; from = to) {
    const { attempt, limits } = batches[from]!;
    to = from + 1;
    while (batches[to]?.attempt === attempt && batches[to]!.limits === limits) to++;
    const alike = batches.slice(from, to), count = alike.reduce((sum, one) => sum + one.count, 0);
    const bytes = concatBytes(alike.map((one) => one.bytes));
    joined.push(TaskBatch.of(bytes, count, idsOf(alike, count), {
      attempt,
      ...(limits ? { limits } : {}),
    }));
  }
  return joined;
}

/** The ids of batches; the first one when the others follow it. */
function idsOf(batches: readonly TaskBatch[], count: number): number | Uint32Array {
  const ids = new Uint32Array(count);
  let at = 0;
  for (const batch of batches) for (let i = 0; i < batch.count; i++) ids[at++] = batch.id(i);
  return ids.every((id, i) => id === ids[0]! + i) ? ids[0]! : ids;
}

/** Stands before the id and the attempt of the task in the next line; those behind it count on. */
export const HEAD_MARK = "\x1e";

/**
 * A batch as a worker reads it, in pieces: the lines, and before the first of those that follow each
 * other a line with its id and attempt.
 *
 * @example
 * ```ts
 * import { joinTasks, withHeads } from "./batch.ts";
 *
 * const args = new TextEncoder().encode("true");
 * const [batch] = joinTasks([7, 8, 3].map((id) => ({ id, attempt: 1, args })));
 * const text = await new Blob(withHeads(batch!) as BlobPart[]).text();
 * if (text !== "\x1e7 1\ntrue\ntrue\n\x1e3 1\ntrue\n") throw new Error(text);
 * ```
 */
export function withHeads(batch: TaskBatch): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const encoder = new TextEncoder();
  for (let from = 0, to; from < batch.count; from = to) {
    const id = batch.id(from);
    to = batch.rowEnd(from);
    pieces.push(
      encoder.encode(`${HEAD_MARK}${id} ${batch.attempt}\n`),
      batch.slice(from, to).bytes,
    );
  }
  return pieces;
}

/** The JSON text of a task's arguments. A byte order mark in it is not cut off: JSON knows none. */
export function argsText(args: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(args);
}
