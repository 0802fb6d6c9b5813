/**
 * The table of jobs that the `jobs` command and the interactive session print.
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
  /** The state of the job; `damaged` when its files cannot be read. */
  readonly state: JobState | "damaged";
  /** The time when the job first started, as ISO 8601 text; `undefined` for a damaged job. */
  readonly started?: string | undefined;
}

/** Formats jobs as a table, one job per line. */
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
      started === undefined ? "" : formatDuration(Date.now() - Date.parse(started)),
    ]),
  }, options);
}
