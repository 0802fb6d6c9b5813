/**
 * The table of jobs, as the command and a session show it.
 *
 * @module
 */

import type { JobCounts } from "../job_dir/record.ts";
import { type TableOptions, textTable } from "../terminal/text_table.ts";
import { formatDuration } from "../util/duration.ts";

/** What a list of jobs says of each. */
export interface JobRow extends JobCounts {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly started: string;
}

/** Jobs, a line each. */
export function jobsTable(jobs: readonly JobRow[], options?: TableOptions): string {
  return textTable({
    head: ["id", "name", "state", "tasks", "succeeded", "failed", "age"],
    rows: jobs.map(({ id, name, state, total, succeeded, failed, started }) => [
      ...[id, name, state, String(total), String(succeeded), String(failed)],
      formatDuration(Date.now() - Date.parse(started)),
    ]),
  }, options);
}
