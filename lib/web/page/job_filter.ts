/**
 * Selects jobs of the list by name, state and time.
 *
 * @module
 */

import type { ListedJob } from "../protocol.ts";

const ANY = "any";

/** The states that a filter can name. */
export const JOB_STATES: readonly string[] = [
  ANY,
  "running",
  "succeeded",
  "failed",
  "canceled",
  "interrupted",
  "damaged",
];

const HOUR_MS = 3_600_000;

/** The ages of jobs that a filter can name, with the most milliseconds since the start. */
export const JOB_TIMES: Readonly<Record<string, number>> = {
  "any time": Infinity,
  "last hour": HOUR_MS,
  "last day": 24 * HOUR_MS,
  "last week": 7 * 24 * HOUR_MS,
};

/**
 * Returns the jobs that a filter selects.
 *
 * @param filter words of the name or the id, one of {@linkcode JOB_STATES} and a key of
 * {@linkcode JOB_TIMES}
 */
export function chooseJobs(
  jobs: readonly ListedJob[],
  { text, state, time }: { readonly text: string; readonly state: string; readonly time: string },
  now: number,
): ListedJob[] {
  const words = text.toLowerCase().split(/\s+/), most = JOB_TIMES[time] ?? Infinity;
  return jobs.filter((job) => {
    const names = `${job.name} ${job.id}`.toLowerCase();
    const age = job.started === undefined ? 0 : now - Date.parse(job.started);
    return words.every((word) => names.includes(word)) && age <= most &&
      (state === ANY || job.state === state);
  });
}
