/**
 * The check that a job's parts can start at all.
 *
 * @module
 */

/** Tells parts that started from those that could not; `unknown` where the system does not say. */
export type Start = "succeeded" | "failed" | "unknown";

// After this number of parts in a row that could not start, the next ones could not either.
const MAX_FAILED_STARTS = 3;

/** Counts the parts in a row that could not start. */
export class StartCheck {
  #failed = 0;

  /** Records the start of a part, and returns true when the next parts could not start either. */
  isHopeless(start: Start): boolean {
    if (start === "succeeded") this.#failed = 0;
    if (start === "failed") this.#failed++;
    return start === "failed" && this.#failed >= MAX_FAILED_STARTS;
  }
}
