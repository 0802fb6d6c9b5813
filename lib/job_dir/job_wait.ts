/**
 * The reason that no more tasks begin in a running job, and its text. The page shows it, too.
 *
 * @module
 */

import type { Holder } from "./lock.ts";
import type { JobRecord } from "./record.ts";

/**
 * The reason that no more tasks begin in a running job: a user has paused it, or has not answered
 * the question after its canary.
 */
export type JobWait = "paused" | "asks";

/** Returns the reason that no more tasks begin in the job that a process runs. */
export function waitOf(
  { isPaused, asked }: Pick<JobRecord, "isPaused" | "asked">,
  { since }: Holder,
): JobWait | undefined {
  if (isPaused) return "paused";
  // A process that was killed leaves its question in the record.
  return asked !== undefined && asked >= since ? "asks" : undefined;
}

const WAIT_TEXTS: { readonly [W in JobWait]: string } = {
  paused: "paused",
  asks: "waiting for an answer after the canary",
};

/**
 * Formats a state for a user.
 *
 * @example
 * ```ts
 * import { stateText } from "./job_wait.ts";
 *
 * const text = stateText("running", "paused");
 * if (text !== "running, paused") throw new Error(text);
 * ```
 */
export function stateText(state: string, waits?: JobWait): string {
  return waits ? `${state}, ${WAIT_TEXTS[waits]}` : state;
}
