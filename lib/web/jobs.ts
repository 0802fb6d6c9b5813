/**
 * The jobs of a folder, and their summaries.
 *
 * @module
 */

import { jobFiles, jobFolder } from "../job_dir/layout.ts";
import { listJobs } from "../job_dir/find.ts";
import { UsageError } from "../util/errors.ts";
import { exists } from "../util/fs.ts";
import { listedJob, readRecordedJob } from "./listed_job.ts";
import type { ListedJob } from "./protocol.ts";
import { JobSummary } from "./summaries.ts";

/** The most jobs of a list: the newest ones. */
const MAX_JOBS = 500;
/** The number of summaries above which one of an ended job is dropped. */
const MAX_SUMMARIES = 20;
// The time after which a list reads no further in running jobs.
const READ_MS = 100;

/** The jobs of a folder, and the summaries of those that run or were requested. */
export class JobBook {
  #summaries = new Map<string, JobSummary>();

  /**
   * Opens the jobs of a folder.
   *
   * @param cwd the folder that the jobs ran in
   */
  constructor(readonly cwd: string) {}

  /** Returns the list of jobs, the newest first. */
  rows(): ListedJob[] {
    const end = performance.now() + READ_MS;
    return listJobs(this.cwd).slice(-MAX_JOBS).reverse().flatMap((id) => {
      try {
        return [this.#row(id, end)];
      } catch {
        // Its folder is being removed, or belongs to another version.
        return [];
      }
    });
  }

  /** Returns true when a job exists. The id is checked, because it comes from a URL. */
  has(id: string): boolean {
    return /^[\w-]+$/.test(id) && exists(jobFiles(jobFolder(id, this.cwd)).record);
  }

  /**
   * Returns the folder of a job.
   *
   * @throws {UsageError} When the job does not exist.
   */
  folderOf(id: string): string {
    if (this.has(id)) return jobFolder(id, this.cwd);
    throw new UsageError(`Cannot find job "${id}": dl_jobs jobs lists the jobs of this folder`);
  }

  /**
   * Returns the summary of a job. It is kept, so that the next one reads only what was appended.
   *
   * @throws {UsageError} When the job does not exist.
   */
  summaryOf(id: string): JobSummary {
    const known = this.#summaries.get(id);
    if (known) return known;
    if (this.#summaries.size >= MAX_SUMMARIES) this.#forget();
    const summary = new JobSummary(this.folderOf(id));
    this.#summaries.set(id, summary);
    return summary;
  }

  #row(id: string, end: number): ListedJob {
    const recorded = readRecordedJob(this.folderOf(id)), { counts } = recorded.record;
    if (recorded.state !== "running" && counts) return listedJob(recorded, counts);
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
