/**
 * Counts finished tasks over time, in a bounded number of equal intervals.
 *
 * @module
 */

import type { Span } from "../journal/format.ts";
import type { RateSeries } from "./protocol.ts";

const MAX_PARTS = 80;
const LEAST_STEP_MS = 10;

/**
 * Counts finished tasks in at most 80 intervals. The intervals become longer as the job continues.
 *
 * @example
 * ```ts
 * import { RateCounter } from "./rate.ts";
 *
 * const rate = new RateCounter();
 * rate.add({ worker: "0", from: 0, to: 20, id: 0, count: 10 });
 * const { step, counts } = rate.snapshot();
 * if (step !== 10 || counts.join() !== "5,5") throw new Error(counts.join());
 * ```
 */
export class RateCounter {
  #from: number | undefined;
  #step = LEAST_STEP_MS;
  #counts: number[] = [];

  /** Adds a span. Spreads its tasks evenly, because only the end of the last task is known. */
  add({ from, to, count }: Span): void {
    this.#begin(from);
    this.#fit(to);
    const start = count > 1 ? from : to;
    const first = this.#partOf(start), last = Math.max(first, this.#partOf(to - 1));
    for (let part = first; part <= last; part++) {
      this.#counts[part] = (this.#counts[part] ?? 0) + count * this.#share(part, start, to);
    }
  }

  /** Returns the counts, rounded to a tenth of a task. */
  snapshot(): RateSeries {
    const counts = Array.from(this.#counts, (count = 0) => Math.round(count * 10) / 10);
    return { from: this.#from ?? 0, step: this.#step, counts };
  }

  #partOf(time: number): number {
    return Math.max(0, Math.floor((time - this.#from!) / this.#step));
  }

  /** Returns the share, from 0 to 1, of the time from `from` to `to` that lies in an interval. */
  #share(part: number, from: number, to: number): number {
    if (to <= from) return 1;
    const start = this.#from! + part * this.#step;
    return Math.max(0, Math.min(to, start + this.#step) - Math.max(from, start)) / (to - from);
  }

  /** Begins at a time, unless it began earlier. The spans of several workers come in any order. */
  #begin(time: number): void {
    this.#from ??= Math.floor(time / this.#step) * this.#step;
    // The intervals become longer first, so that few are missing, however early the time is.
    while (this.#missing(time) + this.#counts.length > MAX_PARTS) this.#double();
    const missing = this.#missing(time);
    if (missing <= 0) return;
    this.#counts.unshift(...Array(missing).fill(0));
    this.#from -= missing * this.#step;
  }

  /** Returns the number of intervals between a time and the first interval. */
  #missing(time: number): number {
    return Math.ceil((this.#from! - time) / this.#step);
  }

  /** Makes the intervals longer until they include a time. */
  #fit(time: number): void {
    while (this.#partOf(time) >= MAX_PARTS) this.#double();
  }

  #double(): void {
    const counts = this.#counts, half: number[] = [];
    for (let i = 0; i < counts.length; i += 2) half.push((counts[i] ?? 0) + (counts[i + 1] ?? 0));
    this.#counts = half;
    this.#step *= 2;
  }
}
