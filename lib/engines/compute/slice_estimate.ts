/**
 * Estimates the best slice size from the tasks that have ended.
 *
 * @module
 */

// Half the size limit of a platform job's result, in bytes, because results vary in size.
const RESULT_BYTES = 500_000;
// The platform recommends jobs of one to ten minutes.
const SLICE_MS = 300_000;

/** Computes averages of the result sizes and durations of tasks. */
export class SliceEstimate {
  #tasks = 0;
  #bytes = 0;
  #ms = 0;

  /**
   * Adds the tasks of a platform job.
   *
   * @param tasks the number of tasks with a response
   * @param bytes the size of the result archive, in bytes
   * @param ms the total time that the workers were busy, in milliseconds
   */
  add(tasks: number, bytes: number, ms: number): void {
    this.#tasks += tasks;
    this.#bytes += bytes;
    this.#ms += ms;
  }

  /**
   * Returns the maximum number of tasks per platform job; `Infinity` before any task has ended.
   *
   * @param workers the number of workers in a platform job
   */
  most(workers: number): number {
    if (this.#tasks === 0) return Infinity;
    const bySize = RESULT_BYTES / (this.#bytes / this.#tasks);
    const byTime = SLICE_MS * workers / (this.#ms / this.#tasks);
    return Math.floor(Math.min(bySize, byTime));
  }
}
