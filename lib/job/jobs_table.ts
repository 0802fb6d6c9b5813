/**
 * The table of jobs, as the command `jobs` and the session show it.
 *
 * @module
 */

import type { JobCounts } from "../job_dir/record.ts";
import type { JobState } from "../job_dir/state.ts";
import { type TableOptions, textTable } from "../terminal/text_table.ts";
import { formatDuration } from "../util/duration.ts";

/** A job in the table. */
export interface JobRow extends JobCounts {
  /** The job's id. */
  readonly id: string;
  /** The job's name. */
  readonly name: string;
  /** The state of the job. */
  readonly state: JobState;
  /** The time of the first start, as ISO 8601 text. */
  readonly started: string;
}

/** Formats jobs as a table, one job a line. */
export function jobsTable(jobs: readonly JobRow[], options?: TableOptions): string {
  return textTable({
    head: ["id", "name", "state", "tasks", "succeeded", "failed", "age"],
    rows: jobs.map(({ id, name, state, total, succeeded, failed, started }) => [
      id,
      name,
      state,
      String(total),
      String(succeeded),
      String(failed),
      formatDuration(Date.now() - Date.parse(started)),
    ]),
  }, options);
}
