/**
 * The class `Handle`: a job by its folder, wherever and whenever it runs.
 *
 * @module
 */

import { INSPECT } from "../job/format.ts";
import { jobIdOf } from "../job_dir/layout.ts";
import { holderOf } from "../job_dir/lock.ts";
import { type JobCounts, type JobRecord, readRecord } from "../job_dir/record.ts";
import { type JobState, readState } from "../job_dir/state.ts";
import { progressLine } from "../terminal/progress_line.ts";

/**
 * A job that is kept in its folder. It may have ended last week, or run now in another process; each
 * property reads the folder again.
 *
 * @example Look at a job that has ended
 * ```ts
 * import { job, local, status } from "dl_jobs";
 *
 * const cwd = Deno.cwd();
 * Deno.chdir(Deno.makeTempDirSync());
 * await local(job((x: number) => x * 2, { argsList: 3, noisy: false }));
 * const { state, counts } = status("last");
 * Deno.chdir(cwd);
 * if (state !== "succeeded" || counts.succeeded !== 3) throw new Error(state);
 * ```
 *
 * @typeParam Result The type of a task's result, for `results`.
 */
export class Handle<Result = unknown> {
  /**
   * Creates the handle of the job in a folder.
   *
   * @param folder The job's folder, as an absolute path.
   */
  constructor(readonly folder: string) {}

  /** The job's id, which finds it again in another session. */
  get id(): string {
    return jobIdOf(this.folder);
  }

  /** The record of the job: its function, options, list and end. */
  get record(): JobRecord {
    return readRecord(this.folder);
  }

  /** The state of the job. */
  get state(): JobState {
    return holderOf(this.folder) ? "running" : this.record.state ?? "interrupted";
  }

  /** The numbers of tasks that are known, succeeded and failed. */
  get counts(): JobCounts {
    return readState(this.folder, this.record).counts;
  }

  /** @ignore */
  [INSPECT](): string {
    const { id, record } = this;
    const { name, engine, started, files } = record;
    const { state, counts: { total, succeeded, failed } } = readState(this.folder, record);
    const counts = { read: total, total, succeeded, failed, retried: 0 };
    const ms = Date.now() - Date.parse(started);
    const paths = Object.entries(files).map(([key, path]) => `  ${key.padEnd(8)}${path}`);
    return [
      `${name}: job ${id} on ${engine}, ${state}`,
      state === "running"
        ? `  ${progressLine(counts, ms)}`
        : `  ${succeeded} of ${total} succeeded, ${failed} failed`,
      ...paths,
    ].join("\n");
  }
}
