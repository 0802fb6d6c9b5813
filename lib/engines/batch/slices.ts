/**
 * The tasks that wait, cut into the slices of the next submission.
 *
 * @module
 */

import type { TaskBatch } from "../../tasks/batch.ts";
import { cutSlices } from "../shared/task_ranges.ts";
import type { Backend } from "./backend.ts";
import type { Part } from "./part.ts";
import type { TaskBuffer } from "./task_buffer.ts";

/** Cuts the tasks of a buffer into slices, after the slices that run as parts of their own. */
export class SliceQueue {
  #backend: Pick<Backend<Part>, "limits" | "sliceTasks">;
  #apart: TaskBatch[][] = [];
  #mostSlices = Infinity;

  /**
   * Creates the queue of a buffer.
   *
   * @param buffer the tasks that wait
   * @param backend the limits of the slices
   * @param chunk the number of tasks in a slice, when the user has set it
   */
  constructor(
    readonly buffer: TaskBuffer,
    backend: Pick<Backend<Part>, "limits" | "sliceTasks">,
    readonly chunk?: number | undefined,
  ) {
    this.#backend = backend;
  }

  /** True when nothing waits. */
  get isEmpty(): boolean {
    return this.buffer.count === 0 && this.#apart.length === 0;
  }

  /** True when the next submission need not wait for more tasks. */
  get isFull(): boolean {
    const { count, bytes } = this.buffer;
    return count >= this.#mostTasks || bytes >= this.#backend.limits.submission.bytes ||
      this.#apart.length > 0;
  }

  /** Takes the slices of one submission. */
  cut(): TaskBatch[][] {
    const most = this.#most, apart = this.#apart.splice(0, most);
    const batches = this.buffer.take(this.#mostTasks);
    const count = batches.reduce((sum, batch) => sum + batch.count, 0);
    const tasks = this.chunk ?? this.#backend.sliceTasks(count, most);
    const bytes = this.#backend.limits.sliceBytes ?? Infinity;
    const slices = [...apart, ...cutSlices(batches, { tasks, bytes })];
    this.giveBack(slices.splice(most));
    return slices;
  }

  /** Puts slices back that were not submitted. */
  giveBack(slices: readonly TaskBatch[][]): void {
    this.buffer.giveBack(slices.flat());
  }

  /** Adds slices that run as parts of their own. */
  addApart(slices: readonly TaskBatch[][]): void {
    this.#apart.push(...slices);
  }

  /** Halves the size of submissions: one of this size was refused, and a limit may leave room for fewer. */
  halve(slices: number): void {
    this.#mostSlices = Math.max(1, Math.ceil(slices / 2));
  }

  get #most(): number {
    return Math.min(this.#backend.limits.submission.slices, this.#mostSlices);
  }

  get #mostTasks(): number {
    const { tasks } = this.#backend.limits.submission;
    return this.chunk ? Math.min(tasks, this.chunk * this.#most) : tasks;
  }
}
