/**
 * The table of jobs, as the command `jobs` and the session show it.
 *
 * @module
 */

import type { JobCounts } from "../job_dir/record.ts";
import { type TableOptions, textTable } from "../terminal/text_table.ts";
import { formatDuration } from "../util/duration.ts";

/** A job in the table. */
export interface ListedJob extends JobCounts {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  /** The time of the start, as ISO 8601 text. */
  readonly started: string;
}

/** Formats jobs as a table, one job a line. */
export function jobsTable(jobs: readonly ListedJob[], options?: TableOptions): string {
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
