/**
 * The number of tasks to keep in flight on a host.
 *
 * @module
 */

import { TaskPace } from "../shared/task_pace.ts";

// The total duration of the tasks on a host, in milliseconds. They keep the host busy while packets
// travel, and last for the time in which a lost connection is noticed only in part.
const WINDOW_MS = 2000;
const MOST_TASKS = 400_000, MOST_BYTES = 64 * 1024 * 1024;
// A shorter interval is too imprecise to estimate the time of a task.
const MEASURE_MS = 20;
const MAX_GROWTH = 8;

/** Adapts the number of tasks on a host to their duration and their size. */
export class HostWindow {
  #size = 1;
  #places = 1;
  #pace: TaskPace;
  #taskBytes = 0;

  /**
   * Creates a window.
   *
   * @param isTight returns true while no tasks may wait on the host
   * @param now a clock in milliseconds
   */
  constructor(readonly isTight: () => boolean, now: () => number = () => performance.now()) {
    this.#pace = new TaskPace(MEASURE_MS, now);
  }

  /** The largest number of tasks in flight. */
  get size(): number {
    if (this.isTight()) return this.#places;
    const most = this.#taskBytes > 0 ? MOST_BYTES / this.#taskBytes : MOST_TASKS;
    return Math.max(1, Math.round(Math.min(this.#size, most)));
  }

  /** The number of tasks in flight at which more are sent. */
  get refillAt(): number {
    return Math.max(this.#places - 1, this.isTight() ? 0 : this.size * 3 / 4);
  }

  /** Adapts the size to the arguments of the tasks that were sent. */
  sent(count: number, bytes: number): void {
    const each = bytes / count;
    this.#taskBytes = this.#taskBytes === 0 ? each : (this.#taskBytes * 3 + each) / 4;
  }

  /**
   * Starts to measure, when the host has no task or is connected again. No task waits on a host
   * before one has ended, because a long task that waits there could run on another host.
   *
   * @param places the number of tasks that run at a time
   */
  begin(places: number): void {
    this.#places = places;
    this.#size = Math.max(this.#size, places);
    this.#pace.restart();
  }

  /** Counts responses, and adapts the size. */
  answered(responses: number): void {
    const each = this.#pace.add(responses);
    if (each === undefined) return;
    const fit = Math.round(WINDOW_MS / each);
    const most = Math.min(this.#size * MAX_GROWTH, MOST_TASKS);
    this.#size = Math.max(this.#places, Math.min(fit, most));
  }
}
