/**
 * The table of jobs that the `jobs` command and the interactive session print.
 *
 * @module
 */

import { type JobWait, stateText } from "../../job_dir/job_wait.ts";
import type { JobCounts } from "../../job_dir/record.ts";
import type { JobState } from "../../job_dir/state.ts";
import { type TaskTotal, totalText } from "../../job_dir/task_total.ts";
import { type TableOptions, textTable } from "../../terminal/text_table.ts";
import { formatDuration } from "../../util/time/duration.ts";
import { sizeText } from "../../util/text/size_text.ts";

/** The word that replaces the state of a job whose files cannot be read. */
export const NO_JOB_STATE = "damaged";

/** A job in the table. */
export interface JobRow extends JobCounts, TaskTotal {
  /** The job's id. */
  readonly id: string;
  /** The job's name. */
  readonly name: string;
  /** The state of the job; `damaged` when its files cannot be read. */
  readonly state: JobState | typeof NO_JOB_STATE;
  /** The reason that no more tasks begin in a running job. @default {they begin} */
  readonly waits?: JobWait | undefined;
  /** The time when the job first started, as ISO 8601 text; `undefined` for a damaged job. */
  readonly started?: string | undefined;
  /** The space that the job's folder occupies, in bytes. @default {no column of sizes} */
  readonly bytes?: number | undefined;
}

/** Formats jobs as a table, one job per line. */
export function jobsTable(jobs: readonly JobRow[], options?: TableOptions): string {
  const hasSizes = jobs.some(({ bytes }) => bytes !== undefined);
  return textTable({
    head: [
      "id",
      "name",
      "state",
      "tasks",
      "succeeded",
      "failed",
      "age",
      ...hasSizes ? ["size"] : [],
    ],
    rows: jobs.map(({ id, name, state, waits, succeeded, failed, started, bytes, ...tasks }) => [
      id,
      name,
      stateText(state, waits),
      totalText(tasks),
      String(succeeded),
      String(failed),
      started === undefined ? "" : ageText(Date.now() - Date.parse(started)),
      ...bytes === undefined ? [] : [sizeText(bytes)],
    ]),
  }, options);
}

/** Formats an age in its largest unit, so that the table fits a usual terminal. */
function ageText(ms: number): string {
  return formatDuration(ms).split(" ", 2).join(" ");
}
