/**
 * The times that `setup` took in the workers of a job.
 *
 * @module
 */

import type { SetupTimes } from "../../job_dir/record.ts";
import { formatDuration } from "../../util/time/duration.ts";

// A shorter time is not worth a line.
const LEAST_MS = 100;

/** Adds the time of one worker, in milliseconds. */
export function addSetup(times: SetupTimes | undefined, ms: number): SetupTimes {
  const { workers, total, longest } = times ?? { workers: 0, total: 0, longest: 0 };
  const sum = Math.round(10 * (total + ms)) / 10;
  return { workers: workers + 1, total: sum, longest: Math.max(longest, ms) };
}

/** Formats the times for a user; returns an empty text when they are short. */
export function setupText(times: SetupTimes | undefined): string {
  if (!times || times.longest < LEAST_MS) return "";
  const { workers, total, longest } = times;
  if (workers === 1) return formatDuration(longest);
  const mean = formatDuration(total / workers);
  return `${mean} on average in ${workers} workers, the longest ${formatDuration(longest)}`;
}
