/**
 * Keeps a histogram of attempt durations.
 *
 * @module
 */

import { binOf, type Snapshot } from "./protocol.ts";

const MAX_SLOWEST = 10;
// Durations below the resolution of the worker's clock cannot be ranked.
const LEAST_SLOW_MS = 1;

/** Keeps a histogram of attempt durations, and the ten slowest tasks. */
export class TimeHistogram {
  #bins: number[] = [];
  #slowest: Snapshot["slowest"] = [];

  /** The slowest tasks, slowest first. */
  get slowest(): Snapshot["slowest"] {
    return this.#slowest;
  }

  /**
   * Adds attempts to the histogram only.
   *
   * @param ms the duration of each attempt, in milliseconds
   */
  add(ms: number, count = 1): void {
    const bin = binOf(ms);
    this.#bins[bin] = (this.#bins[bin] ?? 0) + count;
  }

  /** Adds an attempt to the histogram, and its task to the slowest tasks if it is slow enough. */
  addTask(id: number, ms: number): void {
    this.add(ms);
    const slowest = this.#slowest;
    const isFull = slowest.length === MAX_SLOWEST;
    if (ms < LEAST_SLOW_MS || (isFull && ms <= slowest.at(-1)!.ms)) return;
    const others = slowest.filter((task) => task.id !== id);
    this.#slowest = [...others, { id, ms }].sort((a, b) => b.ms - a.ms).slice(0, MAX_SLOWEST);
  }

  /** Returns the number of attempts in each bin, as in {@linkcode Snapshot}. */
  bins(): number[] {
    return Array.from(this.#bins, (count = 0) => count);
  }
}
