/**
 * The wait for a result that the platform does not have yet.
 *
 * @module
 */

// The longest time between two requests, in milliseconds.
const MAX_GAP_MS = 10_000, MIN_GAP_MS = 250;

/**
 * Decides when to ask again for a missing result, and when the result counts as lost. The platform
 * may store a result some time after the end of its job.
 *
 * @example
 * ```ts
 * import { ResultWait } from "./result_wait.ts";
 *
 * let now = 0;
 * const wait = new ResultWait(60_000, () => now);
 * if (wait.missed()) throw new Error("it is asked again");
 * now = 60_000;
 * if (!wait.missed()) throw new Error("it is lost after a minute");
 * ```
 */
export class ResultWait {
  #since: number | undefined;
  #next = -Infinity;

  /**
   * Creates a wait for one result.
   *
   * @param limitMs the time from the first request after which the result is lost
   * @param now the clock, in milliseconds
   */
  constructor(readonly limitMs: number, readonly now: () => number = () => performance.now()) {}

  /** True when the result should be requested now. */
  get isDue(): boolean {
    return this.now() >= this.#next;
  }

  /** Records a request without a result, and returns true when the result counts as lost. */
  missed(): boolean {
    const now = this.now(), since = this.#since ??= now;
    const gap = Math.max(MIN_GAP_MS, Math.min(now - since, MAX_GAP_MS));
    this.#next = Math.min(now + gap, Math.max(since + this.limitMs, now));
    return now - since >= this.limitMs;
  }
}
