/**
 * The latest start of each job object of this process.
 *
 * @module
 */

import type { Handle } from "./handle.ts";
import type { Run } from "./run.ts";

const starts = new WeakMap<object, Run | Handle>();

/** Records the latest start of a job object, replacing any earlier one. */
export function recordStart(job: object, start: Run | Handle): void {
  starts.set(job, start);
}

/** Returns the latest start of a job object; undefined before the first one. */
export function latestStart(job: object): Run | Handle | undefined {
  return starts.get(job);
}
