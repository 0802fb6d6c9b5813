/**
 * Detects a job whose parts cannot start.
 *
 * @module
 */

/** The outcome of a part's start; `unknown` when the system does not report the outcome. */
export type Start = "succeeded" | "failed" | "unknown";

// The number of consecutive failed starts after which the job gives up.
const MAX_FAILED_STARTS = 3;

/** Counts consecutive parts that failed to start. */
export class StartCheck {
  #failed = 0;

  /** Records the outcome of a part's start, and returns true when the job must give up. */
  isHopeless(start: Start): boolean {
    if (start === "succeeded") this.#failed = 0;
    if (start === "failed") this.#failed++;
    return start === "failed" && this.#failed >= MAX_FAILED_STARTS;
  }
}
