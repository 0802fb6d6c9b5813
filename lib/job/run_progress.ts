/**
 * The progress of a run, as it is seen from outside.
 *
 * @module
 */

import type { JobRecord } from "../job_dir/record.ts";
import type { Counts } from "../terminal/progress_line.ts";

/** The progress of a run. Its fields are set once the run has a job. */
export interface RunProgress {
  /** The record of the job. */
  record?: JobRecord;
  /** The job's folder, as an absolute path. */
  folder?: string;
  /** The counts, which change while the job runs. */
  counts?: Counts;
}
