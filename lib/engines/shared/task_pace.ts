/**
 * The time between the responses to tasks.
 *
 * @module
 */

/** Measures the time per task from the responses that arrive. */
export class TaskPace {
  #leastMs: number;
  #now: () => number;
  #measured: number;
  #responses = 0;
  #lastEach = Infinity;

  /**
   * Creates a measure that begins now.
   *
   * @param leastMs the shortest interval that is measured, because the responses to one batch may
   * arrive in several reads
   * @param now a clock in milliseconds
   */
  constructor(leastMs: number, now: () => number) {
    this.#leastMs = leastMs;
    this.#now = now;
    this.#measured = now();
  }

  /** Begins to measure again after a time without tasks. */
  restart(): void {
    this.#measured = this.#now();
    this.#responses = 0;
  }

  /**
   * Counts responses.
   *
   * @returns the time per task in milliseconds; `undefined` while the interval is too short
   */
  add(responses: number): number | undefined {
    this.#responses += responses;
    const ms = this.#now() - this.#measured;
    if (ms < this.#leastMs) return undefined;
    const each = ms / this.#responses, last = this.#lastEach;
    this.#lastEach = each;
    this.restart();
    // This process may have been busy during a slow read, so the faster of the last two intervals
    // counts.
    return Math.min(each, last);
  }
}
