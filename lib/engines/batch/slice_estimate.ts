/**
 * Estimates the size of slices from the tasks that have ended.
 *
 * @module
 */

// A system takes seconds to start a part, and much longer when it is busy.
const LEAST_MS = 5000;

/** Computes averages of the durations and result sizes of tasks. */
export class SliceEstimate {
  #tasks = 0;
  #ms = 0;
  #bytes = 0;

  /** True after the first task has ended. */
  get isKnown(): boolean {
    return this.#tasks > 0;
  }

  /**
   * Adds tasks that have ended.
   *
   * @param tasks the number of tasks with a response
   * @param ms the total time that the workers were busy, in milliseconds
   * @param bytes the size of their results, in bytes. @default {0}
   */
  add(tasks: number, ms: number, bytes = 0): void {
    this.#tasks += tasks;
    this.#ms += ms;
    this.#bytes += bytes;
  }

  /**
   * Returns the number of tasks that keep a part busy for five seconds; 0 before any task has ended.
   *
   * @param workers the number of workers in a part
   */
  least(workers: number): number {
    return this.isKnown ? Math.floor(LEAST_MS * workers / this.#taskMs) : 0;
  }

  /**
   * Returns the number of tasks that stay within the limits of a part; `Infinity` before any task
   * has ended.
   *
   * @param workers the number of workers in a part
   * @param limits the longest time in milliseconds, and the largest results in bytes
   */
  most(workers: number, { ms, bytes }: { readonly ms: number; readonly bytes: number }): number {
    if (!this.isKnown) return Infinity;
    return Math.floor(Math.min(ms * workers / this.#taskMs, bytes / (this.#bytes / this.#tasks)));
  }

  get #taskMs(): number {
    // The clock has whole milliseconds, so short tasks may have taken 0.
    return Math.max(1, this.#ms) / this.#tasks;
  }
}
