/**
 * Batches of tasks: lines of arguments, and the ids of their tasks.
 *
 * @module
 */

import { afterLines } from "../util/bytes/byte_scan.ts";
import { concatBytes, NEWLINE } from "../util/bytes/bytes.ts";

/** One task. */
export interface Task {
  /** The task's position in the list, from 0. */
  readonly id: number;
  /** The number of the attempt, from 1. */
  readonly attempt: number;
  /** The task's arguments as JSON text, without a newline. */
  readonly args: Uint8Array;
  /** The limits of the attempt. @default {the job's} */
  readonly limits?: Limits | undefined;
  /** The checkpoint from which the attempt can continue, as JSON text. @default {none} */
  readonly checkpoint?: Uint8Array | undefined;
}

/** The limits of an attempt. */
export interface Limits {
  /** The maximum duration of the attempt, in milliseconds. @default {no limit} */
  readonly timeout?: number | undefined;
  /** The maximum memory of the worker, in bytes. @default {no limit} */
  readonly memory?: number | undefined;
}

/** The properties that all tasks of a batch share. */
export interface BatchOptions {
  /** The number of the attempt. @default {1} */
  readonly attempt?: number | undefined;
  /** The limits of the attempts. @default {the job's} */
  readonly limits?: Limits | undefined;
  /** The checkpoint of the only task. @default {none} */
  readonly checkpoint?: Uint8Array | undefined;
}

/**
 * A batch of tasks with the same attempt number and limits.
 *
 * Line ends are located only when a batch is split, because most batches are never split.
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
    /** The number of tasks. */
    readonly count: number,
    /** The number of the attempt, from 1. */
    readonly attempt: number,
    /** The limits of the attempts; `undefined` for the job's. */
    readonly limits: Limits | undefined,
    /** The checkpoint of the only task. A task with a checkpoint has its own batch. */
    readonly checkpoint: Uint8Array | undefined,
  ) {
    this.#lines = lines;
    this.#from = from;
  }

  /**
   * Creates a batch of whole lines.
   *
   * @param bytes the lines, each with its newline
   * @param count the number of lines
   * @param ids the id of each task, or the first id if the ids are consecutive
   */
  static of(
    bytes: Uint8Array,
    count: number,
    ids: number | Uint32Array,
    { attempt = 1, limits, checkpoint }: BatchOptions = {},
  ): TaskBatch {
    return new TaskBatch(new Lines(bytes, count, ids), 0, count, attempt, limits, checkpoint);
  }

  /** The lines, each with its newline. */
  get bytes(): Uint8Array {
    const start = this.#lines.startOf(this.#from);
    return this.#lines.bytes.subarray(start, this.#lines.startOf(this.#from + this.count));
  }

  /** Returns the id of the task at an index. */
  id(index: number): number {
    const { ids } = this.#lines;
    return typeof ids === "number" ? ids + this.#from + index : ids[this.#from + index]!;
  }

  /** Returns the index of the task with an id, or -1 if the task is not in the batch. */
  indexOf(id: number): number {
    const { ids } = this.#lines;
    const index = (typeof ids === "number" ? id - ids : ids.indexOf(id, this.#from)) - this.#from;
    return index < this.count ? Math.max(index, -1) : -1;
  }

  /** Returns the index after the last of the consecutive ids that start at an index. */
  rowEnd(from: number): number {
    if (typeof this.#lines.ids === "number") return this.count;
    let to = from + 1;
    while (to < this.count && this.id(to) === this.id(to - 1) + 1) to++;
    return to;
  }

  /** Returns the task at an index. */
  task(index: number): Task {
    const { limits, attempt, checkpoint } = this, at = this.#from + index;
    const args = this.#lines.bytes.subarray(
      this.#lines.startOf(at),
      this.#lines.startOf(at + 1) - 1,
    );
    return { id: this.id(index), attempt, args, limits, checkpoint };
  }

  /** Returns a part of the batch. The part shares the memory of the batch. */
  slice(from: number, to = this.count): TaskBatch {
    const { limits, attempt, checkpoint } = this;
    return new TaskBatch(this.#lines, this.#from + from, to - from, attempt, limits, checkpoint);
  }

  /** Returns the same tasks with other limits. */
  withLimits(limits: Limits): TaskBatch {
    const { count, attempt, checkpoint } = this;
    return new TaskBatch(this.#lines, this.#from, count, attempt, limits, checkpoint);
  }

  /** Yields the tasks in order. */
  *[Symbol.iterator](): Generator<Task> {
    for (let index = 0; index < this.count; index++) yield this.task(index);
  }
}

// A batch is cut after many lines, or its tasks are read one after another.
const FAR = 32;

/** Lines that batches share, and their offsets. */
class Lines {
  /** The offsets of all lines; undefined until lines are read in another order. */
  #starts: Uint32Array | undefined;
  /** The offsets at which the lines were divided, and the last of these lines. */
  #found = new Map<number, number>([[0, 0]]);
  #last = 0;

  constructor(
    readonly bytes: Uint8Array,
    readonly count: number,
    readonly ids: number | Uint32Array,
  ) {}

  /** Returns the offset of a line, or the length of the bytes for the line after the last. */
  startOf(line: number): number {
    if (line === this.count) return this.bytes.length;
    return this.#found.get(line) ?? (this.#isNear(line) ? this.#all[line]! : this.#find(line));
  }

  /** True for single lines, whose offsets are found together, and for lines before the last one. */
  #isNear(line: number): boolean {
    return this.#starts !== undefined || line - this.#last < FAR;
  }

  /** Finds the offset of a line without those before it. */
  #find(line: number): number {
    const from = this.#found.get(this.#last)!;
    const start = afterLines(this.bytes, from, line - this.#last);
    this.#found.set(line, start);
    this.#last = line;
    return start;
  }

  get #all(): Uint32Array {
    return this.#starts ??= this.#findStarts();
  }

  #findStarts(): Uint32Array {
    const starts = new Uint32Array(this.count);
    for (let line = 1; line < this.count; line++) {
      starts[line] = this.bytes.indexOf(NEWLINE, starts[line - 1]) + 1;
    }
    return starts;
  }
}

/**
 * Joins tasks into batches, in order. The tasks of a batch have the same attempt and limits, and a
 * task with a checkpoint has its own batch.
 */
export function joinTasks(tasks: readonly Task[]): TaskBatch[] {
  return groupAlike(tasks).map(joinAlike);
}

/** Divides a list into groups of neighbours that can be in one batch. */
function groupAlike<T extends BatchOptions>(list: readonly T[]): T[][] {
  const groups: T[][] = [];
  for (let from = 0, to; from < list.length; from = to) {
    const { attempt, limits, checkpoint } = list[from]!;
    const isAlike = (one: T) =>
      one.attempt === attempt && one.limits === limits && one.checkpoint === checkpoint;
    for (to = from + 1; to < list.length && isAlike(list[to]!);) to++;
    groups.push(list.slice(from, to));
  }
  return groups;
}

function joinAlike(tasks: readonly Task[]): TaskBatch {
  const bytes = new Uint8Array(tasks.reduce((sum, { args }) => sum + args.length + 1, 0));
  let at = 0;
  for (const { args } of tasks) {
    bytes.set(args, at);
    at += args.length + 1;
    bytes[at - 1] = NEWLINE;
  }
  return TaskBatch.of(bytes, tasks.length, Uint32Array.from(tasks, ({ id }) => id), tasks[0]);
}

/** Joins adjacent batches like {@linkcode joinTasks}. */
export function joinBatches(batches: readonly TaskBatch[]): TaskBatch[] {
  return groupAlike(batches).map((alike) => {
    const count = alike.reduce((sum, one) => sum + one.count, 0), ids = idsOf(alike, count);
    return TaskBatch.of(concatBytes(alike.map((one) => one.bytes)), count, ids, alike[0]);
  });
}

/** Returns the ids of the tasks in batches, or the first id if the ids are consecutive. */
function idsOf(batches: readonly TaskBatch[], count: number): number | Uint32Array {
  const ids = new Uint32Array(count);
  let at = 0;
  for (const batch of batches) for (let i = 0; i < batch.count; i++) ids[at++] = batch.id(i);
  return ids.every((id, i) => id === ids[0]! + i) ? ids[0]! : ids;
}

/**
 * Decodes the JSON text of a task's arguments. A byte order mark is kept, because it is invalid
 * JSON.
 */
export function argsText(args: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(args);
}
