/**
 * The tasks that were read from the list and are not submitted yet.
 *
 * @module
 */

import type { TaskBatch } from "../../tasks/batch.ts";

/** An amount of tasks. */
export interface BufferWindow {
  /** The number of tasks. */
  readonly tasks: number;
  /** The length of their arguments, in bytes. */
  readonly bytes: number;
}

/** Reads the list ahead in the background, and returns its tasks by the thousands. */
export class TaskBuffer {
  /** The number of tasks in the buffer. */
  count = 0;
  /** The length of their arguments, in bytes. */
  bytes = 0;
  /** The time when the oldest of them was read, by `performance.now()`. */
  first: number = performance.now();
  /** The time when the newest of them was read, by `performance.now()`. */
  last: number = performance.now();
  /** True when nothing more will be read. */
  isEnded = false;
  /** The error of a list that could not be read to its end. */
  failure: { readonly reason: unknown } | undefined;
  #tasks: AsyncIterator<TaskBatch>;
  #ready: TaskBatch[] = [];
  #isReading = false;
  #changed = Promise.withResolvers<void>();

  /**
   * Creates an empty buffer.
   *
   * @param tasks the list
   * @param window the most that may be in the buffer or under way
   */
  constructor(tasks: AsyncIterable<TaskBatch>, readonly window: BufferWindow) {
    this.#tasks = tasks[Symbol.asyncIterator]();
  }

  /** Settled when tasks have been read, or the list has ended. */
  get changed(): Promise<void> {
    return this.#changed.promise;
  }

  /** Reads the list in the background, unless the window is full. */
  read(underway: BufferWindow): void {
    const { tasks, bytes } = this.window;
    const isFull = this.count + underway.tasks >= tasks || this.bytes + underway.bytes >= bytes;
    if (this.#isReading || this.isEnded || isFull) return;
    this.#isReading = true;
    this.#tasks.next().then(({ value, done }) => {
      if (done) this.isEnded = true;
      else this.#add(value);
    }, (reason) => {
      // The tasks that were read before are still run.
      this.failure = { reason };
      this.isEnded = true;
    }).then(() => {
      this.#isReading = false;
      this.read(underway);
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    });
  }

  /** Takes the oldest tasks, at most `most` of them, all with the same limits. */
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

  /** Takes all tasks. */
  takeAll(): TaskBatch[] {
    const all: TaskBatch[] = [];
    while (this.count > 0) all.push(...this.take(this.count));
    return all;
  }

  /** Puts tasks back that were not submitted. */
  giveBack(batches: readonly TaskBatch[]): void {
    this.#ready.unshift(...batches);
    this.#count(batches, 1);
  }

  /** Ends the reading of the list. */
  async close(): Promise<void> {
    this.isEnded = true;
    // A list that is waiting for its source cannot be ended before it has the next value.
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
