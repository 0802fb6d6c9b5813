/**
 * The check whether a job's parts can start at all.
 *
 * @module
 */

/** The outcome of a part's start; `unknown` when the system does not report it. */
export type Start = "succeeded" | "failed" | "unknown";

// After this number of failed starts in a row, later parts are not expected to start either.
const MAX_FAILED_STARTS = 3;

/** Counts consecutive parts that could not start. */
export class StartCheck {
  #failed = 0;

  /** Records the start of a part, and returns true when the job must give up. */
  isHopeless(start: Start): boolean {
    if (start === "succeeded") this.#failed = 0;
    if (start === "failed") this.#failed++;
    return start === "failed" && this.#failed >= MAX_FAILED_STARTS;
  }
}
