/**
 * Cuts waiting tasks into the slices of the next submission.
 *
 * @module
 */

import type { TaskBatch } from "../../tasks/batch.ts";
import { cutSlices } from "../shared/task_ranges.ts";
import type { Backend } from "./backend.ts";
import type { Part } from "./part.ts";
import type { TaskBuffer } from "./task_buffer.ts";

/** A queue that returns slices for separate parts first, and then slices cut from a buffer. */
export class SliceQueue {
  #backend: Pick<Backend<Part>, "limits" | "sliceTasks">;
  #apart: TaskBatch[][] = [];
  /** All slices that must run apart, also after a submission of them that was refused. */
  #mustBeApart = new WeakSet<readonly TaskBatch[]>();
  #mostSlices = Infinity;

  /**
   * Creates a queue that cuts slices from a buffer.
   *
   * @param buffer the waiting tasks
   * @param backend the limits of a submission and of its slices
   * @param chunk the number of tasks per slice; when `undefined`, the backend chooses the number
   */
  constructor(
    readonly buffer: TaskBuffer,
    backend: Pick<Backend<Part>, "limits" | "sliceTasks">,
    readonly chunk: number | undefined,
  ) {
    this.#backend = backend;
  }

  /** True when no task is waiting. */
  get isEmpty(): boolean {
    return this.buffer.count === 0 && this.#apart.length === 0;
  }

  /** True when the next submission need not wait for more tasks. */
  get isFull(): boolean {
    const { count, bytes } = this.buffer;
    return count >= this.#mostTasks || bytes >= this.#backend.limits.submission.bytes ||
      this.#apart.length > 0;
  }

  /** Removes the slices of one submission from the queue, and returns them. */
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

  /** Puts unsubmitted slices back. Only slices that need not run apart may be cut again. */
  giveBack(slices: readonly TaskBatch[][]): void {
    const isApart = (slice: readonly TaskBatch[]) => this.#mustBeApart.has(slice);
    this.#apart = [...slices.filter(isApart), ...this.#apart];
    this.buffer.giveBack(slices.filter((slice) => !isApart(slice)).flat());
  }

  /** Adds slices that must run as separate parts. */
  addApart(slices: readonly TaskBatch[][]): void {
    for (const slice of slices) {
      this.#mustBeApart.add(slice);
      this.#apart.push(slice);
    }
  }

  /** Limits later submissions to half the number of slices in a refused submission, rounded up. */
  halve(slices: number): void {
    this.#mostSlices = Math.max(1, Math.ceil(slices / 2));
  }

  /** Doubles that limit after a submission of as many slices was accepted. */
  grow(slices: number): void {
    if (slices >= this.#mostSlices) this.#mostSlices *= 2;
  }

  get #most(): number {
    return Math.min(this.#backend.limits.submission.slices, this.#mostSlices);
  }

  get #mostTasks(): number {
    const { tasks } = this.#backend.limits.submission;
    return this.chunk ? Math.min(tasks, this.chunk * this.#most) : tasks;
  }
}
