/**
 * The number of tasks to keep in flight in a worker.
 *
 * @module
 */

import type { Pace } from "../../tasks/pace.ts";
import type { EngineContext } from "../engine.ts";
import { TaskPace } from "../shared/task_pace.ts";

// The total duration of the waiting tasks, in milliseconds. A longer duration needs fewer messages;
// a shorter duration lets workers end together.
const BATCH_MS = 160;
const MAX_WINDOW = 32768;
// A shorter interval is too imprecise to estimate the time of a task.
const MEASURE_MS = 1;
// A few short tasks do not prove that the following tasks are short.
const MAX_GROWTH = 8;

/**
 * Adapts the number of tasks that wait in a worker to the duration of a task. The waiting tasks
 * take about {@linkcode BATCH_MS} milliseconds in total.
 */
export class BatchWindow {
  #size: number;
  #chunk: number | undefined;
  #concurrency: number;
  #pace: TaskPace;
  #begin: Pace | undefined;

  /**
   * Creates the window of a worker that has not received a task.
   *
   * @param now a clock in milliseconds
   */
  constructor(
    { concurrency, chunk, pace }: Pick<EngineContext, "concurrency" | "chunk" | "pace">,
    now: () => number = () => performance.now(),
  ) {
    // A worker with concurrent calls needs waiting tasks when its first calls end.
    this.#size = concurrency === 1 ? 1 : 2 * concurrency;
    this.#chunk = chunk;
    this.#concurrency = concurrency;
    this.#begin = pace;
    this.#pace = new TaskPace(MEASURE_MS, now);
  }

  /** The largest number of tasks in flight, running tasks included. */
  get size(): number {
    // A task that has been let begin must not wait.
    return this.#begin?.isActive ? this.#concurrency : this.#size;
  }

  /**
   * The number of tasks in flight at which more tasks are sent. Half of the waiting tasks are then
   * done.
   */
  get refillAt(): number {
    return (this.size + this.#concurrency - 1) / 2;
  }

  /** Counts responses and adapts the size, which grows at most by the factor `MAX_GROWTH`. */
  add(responses: number): void {
    const each = this.#pace.add(responses);
    if (each !== undefined) this.#resize(this.#chunk ?? Math.round(BATCH_MS / each));
  }

  #resize(waiting: number): void {
    const concurrency = this.#concurrency;
    const most = Math.max(concurrency, Math.min(this.#size * MAX_GROWTH, MAX_WINDOW));
    // One of the waiting tasks starts immediately.
    this.#size = Math.max(concurrency, Math.min(waiting + concurrency - 1, most));
  }
}
