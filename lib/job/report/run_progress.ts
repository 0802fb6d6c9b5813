/**
 * The progress of a run, which its caller may read at any time.
 *
 * @module
 */

import type { JobRecord } from "../../job_dir/record.ts";
import type { Counts } from "../../terminal/progress_line.ts";

/** The progress of a run. The fields are undefined until the run has started. */
export interface RunProgress {
  /** The record of the job. */
  record?: JobRecord;
  /** The job's folder, as an absolute path. */
  folder?: string;
  /** The counts, which change while the job runs. */
  counts?: Counts;
  /** The number of results that earlier runs of the job have recorded. */
  earlier?: number;
}
