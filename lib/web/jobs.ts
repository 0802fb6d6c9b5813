/**
 * Finds the jobs of a folder, and keeps summaries of them.
 *
 * @module
 */

import { jobFiles, jobFolder } from "../job_dir/layout.ts";
import { jobIds } from "../job_dir/find.ts";
import { type FileStamp, isSameStamp, stampOf } from "../job_dir/stamps.ts";
import { delay } from "../util/time/delay.ts";
import { UsageError } from "../util/errors.ts";
import { existsOr } from "../util/files/fs.ts";
import { damagedJob, listedJob, readRecordedJob } from "./listed_job.ts";
import { type ListedJob, MAX_JOBS } from "./protocol.ts";
import { JobSummary } from "./summaries.ts";

/**
 * The number of summaries to keep. Beyond it, a new summary replaces the summary of an ended job.
 */
const MAX_SUMMARIES = 20;
// The time limit for updating the summaries of running jobs before the list is returned.
const READ_MS = 100;

/** The jobs of a folder. Keeps the summaries of jobs that are running or were requested. */
export class JobBook {
  #summaries = new Map<string, JobSummary>();
  /** The entries of ended jobs in the last list, each valid while the record of its job is unchanged. */
  #ended = new Map<string, readonly [record: FileStamp, row: ListedJob]>();

  /**
   * Opens the jobs of a folder.
   *
   * @param cwd the folder with the `.dl_jobs` folder of the jobs
   */
  constructor(readonly cwd: string) {}

  /** Returns the list of jobs, newest first; at most 500. */
  rows(): ListedJob[] {
    const end = performance.now() + READ_MS, before = this.#ended;
    this.#ended = new Map();
    return jobIds(this.cwd).slice(-MAX_JOBS).reverse().flatMap((id) => {
      try {
        const stamp = stampOf(jobFiles(jobFolder(id, this.cwd)).record), kept = before.get(id);
        const row = kept && isSameStamp(stamp, kept[0]) ? kept[1] : this.#row(id, end);
        if (row.ended !== undefined) this.#ended.set(id, [stamp, row]);
        return [row];
      } catch {
        // The folder may be removed while it is read.
        return this.has(id) ? [damagedJob(id)] : [];
      }
    });
  }

  /** Returns true when a job exists. Also validates the id, because it comes from a URL. */
  has(id: string): boolean {
    return /^[\w-]+$/.test(id) && existsOr(jobFiles(jobFolder(id, this.cwd)).record, true);
  }

  /**
   * Returns the folder of a job.
   *
   * @throws {UsageError} when the job does not exist.
   */
  folderOf(id: string): string {
    if (this.has(id)) return jobFolder(id, this.cwd);
    throw new UsageError(`Cannot find job "${id}": dl_jobs jobs lists the jobs of this folder`);
  }

  /**
   * Returns the summary of a job, of which a part may not be read yet. Caches the summary, so that
   * later calls read only new data.
   *
   * @throws {UsageError} when the job does not exist.
   */
  summaryOf(id: string): JobSummary {
    const known = this.#summaries.get(id);
    if (known && !known.isStale) return known;
    if (this.#summaries.size >= MAX_SUMMARIES) this.#forget();
    const summary = new JobSummary(this.folderOf(id));
    summary.read();
    this.#summaries.set(id, summary);
    return summary;
  }

  /**
   * Returns the summary of a job when all that its files have now is read.
   *
   * @throws {UsageError} when the job does not exist.
   */
  async wholeSummaryOf(id: string): Promise<JobSummary> {
    const summary = this.summaryOf(id);
    while (summary.read()) await delay(0);
    return summary;
  }

  #row(id: string, end: number): ListedJob {
    const recorded = readRecordedJob(this.folderOf(id)), { counts } = recorded.record;
    if (recorded.state !== "running" && counts) return listedJob(recorded, counts);
    const summary = this.summaryOf(id);
    if (performance.now() < end) summary.read();
    return summary.row();
  }

  #forget(): void {
    for (const [id, summary] of this.#summaries) {
      if (summary.row().ended !== undefined) return void this.#summaries.delete(id);
    }
  }
}
