/**
 * The times that attempts took.
 *
 * @module
 */

import { binOf, type Snapshot } from "./protocol.ts";

const MAX_SLOWEST = 10;
// Times below the worker's clock resolution are all equal.
const LEAST_SLOW_MS = 1;

/** Keeps the histogram of times, and the slowest tasks. */
export class TimeHistogram {
  #bins: number[] = [];
  #slowest: Snapshot["slowest"] = [];

  /** The slowest tasks, the slowest first. */
  get slowest(): Snapshot["slowest"] {
    return this.#slowest;
  }

  /**
   * Adds attempts of unknown tasks.
   *
   * @param ms the time of each, in milliseconds
   */
  add(ms: number, count = 1): void {
    const bin = binOf(ms);
    this.#bins[bin] = (this.#bins[bin] ?? 0) + count;
  }

  /** Adds an attempt of a task, which may be one of the slowest. */
  addTask(id: number, ms: number): void {
    this.add(ms);
    const slowest = this.#slowest;
    const isFull = slowest.length === MAX_SLOWEST;
    if (ms < LEAST_SLOW_MS || (isFull && ms <= slowest.at(-1)!.ms)) return;
    const others = slowest.filter((task) => task.id !== id);
    this.#slowest = [...others, { id, ms }].sort((a, b) => b.ms - a.ms).slice(0, MAX_SLOWEST);
  }

  /** Returns the counts of the bins, as in {@linkcode Snapshot}. */
  bins(): number[] {
    return Array.from(this.#bins, (count = 0) => count);
  }
}
