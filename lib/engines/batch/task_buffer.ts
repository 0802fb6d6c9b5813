/**
 * A buffer of tasks that have been read from the list but not yet submitted.
 *
 * @module
 */

import type { TaskBatch } from "../../tasks/batch.ts";

/** An amount of tasks, as a number and a size. */
export interface BufferWindow {
  /** The number of tasks. */
  readonly tasks: number;
  /** The length of the tasks' arguments, in bytes. */
  readonly bytes: number;
}

/** Reads the list ahead in the background, up to a limit, and returns tasks in large batches. */
export class TaskBuffer {
  /** The number of tasks in the buffer. */
  count = 0;
  /** The length of the arguments in the buffer, in bytes. */
  bytes = 0;
  /** The time of the first addition to the empty buffer, from `performance.now()`. */
  first: number = performance.now();
  /** The time of the last addition, from `performance.now()`. */
  last: number = performance.now();
  /** True when no more tasks will be read. */
  isEnded = false;
  /** The error that ended reading; `undefined` without an error. */
  failure: { readonly reason: unknown } | undefined;
  #tasks: AsyncIterator<TaskBatch>;
  #ready: TaskBatch[] = [];
  #isReading = false;
  #changed = Promise.withResolvers<void>();

  /**
   * Creates an empty buffer.
   *
   * @param tasks the list of tasks
   * @param window the most tasks and bytes in the buffer and in parts together
   */
  constructor(tasks: AsyncIterable<TaskBatch>, readonly window: BufferWindow) {
    this.#tasks = tasks[Symbol.asyncIterator]();
  }

  /** Resolves after the buffer has read more tasks or reached the end of the list. */
  get changed(): Promise<void> {
    return this.#changed.promise;
  }

  /**
   * Starts to read the list in the background, unless the window is full.
   *
   * @param underway the amount of tasks in parts
   */
  read(underway: BufferWindow): void {
    const { tasks, bytes } = this.window;
    const isFull = this.count + underway.tasks >= tasks || this.bytes + underway.bytes >= bytes;
    if (this.#isReading || this.isEnded || isFull) return;
    this.#isReading = true;
    this.#tasks.next().then(({ value, done }) => {
      if (done) this.isEnded = true;
      else this.#add(value);
    }, (reason) => {
      // Tasks that were read before the error still run.
      this.failure = { reason };
      this.isEnded = true;
    }).then(() => {
      this.#isReading = false;
      this.read(underway);
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    });
  }

  /**
   * Removes and returns up to `most` of the oldest tasks. All returned tasks have the same limits.
   */
  take(most: number): TaskBatch[] {
    const { limits } = this.#ready[0] ?? {};
    let left = most, end = 0;
    while (left > 0 && end < this.#ready.length && this.#ready[end]!.limits === limits) {
      left -= this.#ready[end++]!.count;
    }
    // Splices once: `shift()` on a long array is O(n).
    const taken = this.#ready.splice(0, end), last = taken.at(-1);
    if (last && left < 0) {
      taken[end - 1] = last.slice(0, last.count + left);
      this.#ready.unshift(last.slice(last.count + left));
    }
    this.#count(taken, -1);
    return taken;
  }

  /** Removes and returns all tasks. */
  takeAll(): TaskBatch[] {
    const all: TaskBatch[] = [];
    while (this.count > 0) all.push(...this.take(this.count));
    return all;
  }

  /** Puts unsubmitted tasks back at the front of the buffer. */
  giveBack(batches: readonly TaskBatch[]): void {
    this.#ready.unshift(...batches);
    this.#count(batches, 1);
  }

  /** Stops reading the list. */
  async close(): Promise<void> {
    this.isEnded = true;
    // A pending read would delay `return()` until the source yields its next value.
    if (!this.#isReading) await this.#tasks.return?.();
  }

  #add(batch: TaskBatch): void {
    this.last = performance.now();
    if (this.count === 0) this.first = this.last;
    this.#ready.push(batch);
    this.#count([batch], 1);
  }

  #count(batches: readonly TaskBatch[], sign: 1 | -1): void {
    for (const { count, bytes } of batches) {
      this.count += sign * count;
      this.bytes += sign * bytes.length;
    }
  }
}
