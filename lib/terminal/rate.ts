/**
 * A smoothed rate.
 *
 * @module
 */

// The time in milliseconds after which an event has lost most of its weight, and the number of
// events up to which weights do not decay.
const FADE_MS = 10_000, LEAST = 20;

/**
 * A rate of events. The rate is about the mean over the last ten seconds, or over a longer time
 * that contains at least 20 events. An exponential decay smooths the rate, and lets it fall when no
 * more events arrive.
 *
 * @example
 * ```ts
 * import { Rate } from "./rate.ts";
 *
 * const rate = new Rate(0, 0);
 * rate.add(50, 1000);
 * if (rate.perMs !== 0.05) throw new Error(String(rate.perMs));
 * ```
 */
export class Rate {
  #last: number;
  #time: number;
  #count = 0;
  #ms = 0;

  /**
   * Starts a measurement.
   *
   * @param count the number of events at the start
   * @param time the time of the start, in milliseconds
   */
  constructor(count: number, time: number) {
    this.#last = count;
    this.#time = time;
  }

  /** The number of events per millisecond; 0 before any time has passed. */
  get perMs(): number {
    return this.#ms > 0 ? this.#count / this.#ms : 0;
  }

  /**
   * Adds a measurement.
   *
   * @param count the total number of events
   * @param time the current time, in milliseconds
   */
  add(count: number, time: number): void {
    // The clock may have been set back.
    const ms = Math.max(0, time - this.#time);
    const kept = this.#count > LEAST ? Math.exp(-ms / FADE_MS) : 1;
    this.#count = this.#count * kept + count - this.#last;
    this.#ms = this.#ms * kept + ms;
    this.#last = count;
    this.#time = time;
  }
}
