/**
 * The number of tasks that a worker has in flight.
 *
 * @module
 */

import type { EngineContext } from "../engine.ts";

// Long enough that a message costs little, short enough that the workers end together.
const BATCH_MS = 160;
const MAX_WINDOW = 32768;
// A shorter time says too little about how long a task takes.
const MEASURE_MS = 1;
// A short task says little about the next ones.
const MAX_GROWTH = 8;

/**
 * Adapts the number of tasks that wait in a worker to the tasks' length: as many as take about
 * {@linkcode BATCH_MS}.
 */
export class BatchWindow {
  #size: number;
  #chunk: number | undefined;
  #concurrency: number;
  #now: () => number;
  #measured: number;
  #responses = 0;
  #lastEach = Infinity;

  /**
   * Creates a window for a worker that has no task yet.
   *
   * @param now a clock in milliseconds
   */
  constructor(
    { concurrency, chunk }: Pick<EngineContext, "concurrency" | "chunk">,
    now: () => number = () => performance.now(),
  ) {
    // With several calls at a time some tasks must wait already when the first ones end.
    this.#size = concurrency === 1 ? 1 : 2 * concurrency;
    this.#chunk = chunk;
    this.#concurrency = concurrency;
    this.#now = now;
    this.#measured = now();
  }

  /** The largest number of tasks to have in flight; those that run are among them. */
  get size(): number {
    return this.#size;
  }

  /** The number of tasks in flight at which the worker is sent more: half of the waiting ones. */
  get refillAt(): number {
    return (this.#size + this.#concurrency - 1) / 2;
  }

  /** Counts responses and adapts the size, but not by a large factor at once. */
  add(responses: number): void {
    this.#responses += responses;
    const now = this.#now(), ms = now - this.#measured;
    // The responses to one batch may come in several reads.
    if (ms < MEASURE_MS) return;
    const each = ms / this.#responses;
    // A single slow read may be a busy moment of this process.
    const fit = Math.round(BATCH_MS / Math.min(each, this.#lastEach));
    this.#measured = now;
    this.#responses = 0;
    this.#lastEach = each;
    this.#resize(this.#chunk ?? fit);
  }

  #resize(waiting: number): void {
    const concurrency = this.#concurrency;
    const most = Math.max(concurrency, Math.min(this.#size * MAX_GROWTH, MAX_WINDOW));
    // One of the waiting tasks is about to run.
    this.#size = Math.max(concurrency, Math.min(waiting + concurrency - 1, most));
  }
}
