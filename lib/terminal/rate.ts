/**
 * How fast something goes now, smoothed.
 *
 * @module
 */

// How fast the past fades, and how much of it is kept however long it takes.
const FADE_MS = 10_000, LEAST = 20;

/**
 * How many there are in a millisecond: the mean of the last seconds, of more where few have come in
 * them. A jump fades away, and where nothing comes any more the rate falls.
 *
 * @example
 * ```ts
 * import { Rate } from "./rate.ts";
 *
 * const rate = new Rate(0, 0);
 * rate.note(50, 1000);
 * if (rate.perMs !== 0.05) throw new Error(String(rate.perMs));
 * ```
 */
export class Rate {
  #last: number;
  #time: number;
  #count = 0;
  #ms = 0;

  /**
   * @param count how many there are at the beginning
   * @param time when that is, in milliseconds
   */
  constructor(count: number, time: number) {
    this.#last = count;
    this.#time = time;
  }

  /** How many there are in a millisecond. */
  get perMs(): number {
    return this.#ms > 0 ? this.#count / this.#ms : 0;
  }

  /** Takes note of how many there are by now. */
  note(count: number, time: number): void {
    // A clock may be set back.
    const ms = Math.max(0, time - this.#time);
    const kept = this.#count > LEAST ? Math.exp(-ms / FADE_MS) : 1;
    this.#count = this.#count * kept + count - this.#last;
    this.#ms = this.#ms * kept + ms;
    this.#last = count;
    this.#time = time;
  }
}
