/**
 * All jobs of a folder, as they are shown.
 *
 * @module
 */

import { jobFiles, jobFolder } from "../job_dir/layout.ts";
import { listJobs } from "../job_dir/find.ts";
import { UsageError } from "../util/errors.ts";
import { exists } from "../util/fs.ts";
import type { JobRow } from "./protocol.ts";
import { JobSummary, readStanding, rowOf } from "./summaries.ts";

/** How many jobs a list has at most: the newest. */
const MOST_JOBS = 500;
/** How many summaries of jobs that have ended are kept. */
const MOST_ENDED = 20;
// How long a list may read on in jobs that go on.
const READ_MS = 100;

/** The jobs of a folder, and the summaries of those that somebody looks at. */
export class JobBook {
  #summaries = new Map<string, JobSummary>();

  /** @param cwd the folder that has the jobs' own */
  constructor(readonly cwd: string) {}

  /** What there is to say of each job, the newest first. */
  rows(): JobRow[] {
    const end = performance.now() + READ_MS;
    return listJobs(this.cwd).slice(-MOST_JOBS).reverse().flatMap((id) => {
      try {
        return [this.#row(id, end)];
      } catch {
        // Its folder is being removed, or is no job of this version.
        return [];
      }
    });
  }

  /** Whether there is such a job. An id comes from an address, so it may be anything. */
  has(id: string): boolean {
    return /^[\w-]+$/.test(id) && exists(jobFiles(jobFolder(id, this.cwd)).record);
  }

  /** The folder of a job. */
  folderOf(id: string): string {
    if (this.has(id)) return jobFolder(id, this.cwd);
    throw new UsageError(`Cannot find job "${id}": dl_jobs jobs lists the jobs of this folder`);
  }

  /** The summary of a job, which is read as far as it was the last time. */
  summaryOf(id: string): JobSummary {
    const known = this.#summaries.get(id);
    if (known) return known;
    if (this.#summaries.size >= MOST_ENDED) this.#forget();
    const summary = new JobSummary(this.folderOf(id));
    this.#summaries.set(id, summary);
    return summary;
  }

  #row(id: string, end: number): JobRow {
    const { record, state } = readStanding(this.folderOf(id));
    if (state !== "running" && record.counts) return rowOf(record, state, record.counts);
    const summary = this.summaryOf(id);
    if (summary.version === 0 || performance.now() < end) summary.read();
    return summary.row();
  }

  #forget(): void {
    for (const [id, summary] of this.#summaries) {
      if (summary.row().ended !== undefined) return void this.#summaries.delete(id);
    }
  }
}
