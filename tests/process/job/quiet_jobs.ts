/**
 * Jobs that print nothing, and the lines that they write.
 *
 * @module
 */

import { Job, type JobOptions, type Summary } from "../../../mod.ts";

const QUIET = { noisy: false, printLogs: false, log: false, workers: 1 } as const;

/** Creates a job that prints nothing. */
export function quietJob<T>(options: JobOptions<T>): Job<T> {
  return new Job<T>({ ...QUIET, ...options });
}

/** A task that doubles its argument. */
export const double = (x: number) => x * 2;

/** Returns the counts of a summary: total, succeeded, failed, canceled. */
export function countsOf({ total, succeeded, failed, canceled }: Summary): number[] {
  return [total, succeeded, failed, canceled];
}
