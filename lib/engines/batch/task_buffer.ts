/**
 * A buffer of tasks that have been read from the list but not yet submitted.
 *
 * @module
 */

import type { TaskBatch } from "../../tasks/batch.ts";
import { ListReader } from "../shared/list_reader.ts";

/** An amount of tasks, as a number and a size. */
export interface BufferWindow {
  /** The number of tasks. */
  readonly tasks: number;
  /** The length of the tasks' arguments, in bytes. */
  readonly bytes: number;
}

/** Reads the list ahead in the background, up to a limit, and returns tasks in large batches. */
export class TaskBuffer extends ListReader {
  /** The number of tasks in the buffer. */
  count = 0;
  /** The length of the arguments in the buffer, in bytes. */
  bytes = 0;
  /** The time of the first addition to the empty buffer, from `performance.now()`. */
  first: number = performance.now();
  /** The time of the last addition, from `performance.now()`. */
  last: number = performance.now();
  #ready: TaskBatch[] = [];
  /** The amount of tasks in parts. */
  #underway: BufferWindow = { tasks: 0, bytes: 0 };

  /**
   * Creates an empty buffer.
   *
   * @param tasks the list of tasks
   * @param window the most tasks and bytes in the buffer and in parts together
   */
  constructor(tasks: AsyncIterable<TaskBatch>, readonly window: BufferWindow) {
    super(tasks);
  }

  /**
   * Starts to read the list in the background, unless the window is full.
   *
   * @param underway the amount of tasks in parts
   */
  read(underway: BufferWindow): void {
    this.#underway = underway;
    this.readAhead();
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
    this.#ready = [...batches, ...this.#ready];
    this.#count(batches, 1);
  }

  protected override get isFull(): boolean {
    const { window: { tasks, bytes } } = this, underway = this.#underway;
    return this.count + underway.tasks >= tasks || this.bytes + underway.bytes >= bytes;
  }

  protected override add(batch: TaskBatch): void {
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
