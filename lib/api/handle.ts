/**
 * The class `Handle`, which reads the state of a job from its folder.
 *
 * @module
 */

import { stateText } from "../job_dir/job_wait.ts";
import { jobIdOf } from "../job_dir/layout.ts";
import { holderOf } from "../job_dir/lock.ts";
import { type JobCounts, type JobRecord, readRecord } from "../job_dir/record.ts";
import { type JobState, readState } from "../job_dir/state.ts";
import { totalTasks } from "../job_dir/task_total.ts";
import { escapeControls } from "../terminal/escape.ts";
import { progressLine } from "../terminal/progress_line.ts";
import { INSPECT } from "../util/text/custom_inspect.ts";

/**
 * A reference to a job that was started in this or another process. The job may still be running.
 * Each access to a property reads the job's folder again.
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
 * @typeParam Result The type of a task's result, which `results` returns.
 */
export class Handle<Result = unknown> {
  /**
   * Creates a handle for the job in a folder.
   *
   * @param folder the job's folder, as an absolute path.
   */
  constructor(readonly folder: string) {}

  /** The job's id. Other sessions can find the job by this id. */
  get id(): string {
    return jobIdOf(this.folder);
  }

  /** The job's record, which contains its function, options, list, start time and final state. */
  get record(): JobRecord {
    return readRecord(this.folder);
  }

  /** The job's state. It is `interrupted` when the controller died before the job ended. */
  get state(): JobState {
    return holderOf(this.folder) ? "running" : this.record.state ?? "interrupted";
  }

  /** The number of tasks read from the list so far, and the numbers that succeeded and failed. */
  get counts(): JobCounts {
    return readState(this.folder, this.record).counts;
  }

  /** @ignore */
  [INSPECT](): string {
    const { id, record } = this;
    const { name, engine, started, files } = record;
    const { counts: { total, succeeded, failed }, ...status } = readState(this.folder, record);
    const { state, waits, isPartial } = status;
    const read = { read: total, succeeded, failed, retried: 0 };
    const all = isPartial ? totalTasks({ total, isPartial }) : total;
    const counts = isPartial ? read : { ...read, total };
    const ms = Date.now() - Date.parse(started);
    const paths = Object.entries(files).map(([key, path]) => `  ${key.padEnd(8)}${path}`);
    return escapeControls([
      `${name}: job ${id} on ${engine}, ${stateText(state, waits)}`,
      state === "running"
        ? `  ${progressLine(counts, ms)}`
        : `  ${succeeded} of ${all} succeeded, ${failed} failed`,
      ...paths,
    ].join("\n"));
  }
}
