/**
 * Finds the job that a caller means.
 *
 * @module
 */

import { findJob } from "../job_dir/find.ts";
import { UsageError } from "../util/errors.ts";
import { Handle } from "./handle.ts";
import { Job } from "./job.ts";
import { Run } from "./run.ts";

/**
 * A job, by its id, a unique part of the id, its name or `"last"`, or by the job, run or handle
 * itself.
 */
export type JobLike<Result = unknown> = string | Job<Result> | Run<Result> | Handle<Result>;

/**
 * Finds the handle of a job.
 *
 * @returns The handle; a job that was started several times is that of its last start.
 * @throws {UsageError} When there is no such job, several match, or it is not started yet.
 */
export function handleOf<Result>(what: JobLike<Result> = "last"): Handle<Result> {
  if (typeof what === "string") return new Handle(findJob(what));
  if (what instanceof Handle) return what;
  if (what instanceof Run) return new Handle(folderOf(what));
  if (Job.isJob(what)) return handleOf(startOf<Result>(what));
  throw notFound(what);
}

const starts = new WeakMap<Job, Run | Handle>();

/** Records how a job was started, in place of its last start. */
export function recordStart(job: Job, start: Run | Handle): void {
  starts.set(job, start);
}

/**
 * Finds how a job was started.
 *
 * @returns Its run in this process, or the handle of a submitted job.
 * @throws {UsageError} When it was not started.
 */
export function startOf<Result>(job: Job): Run<Result> | Handle<Result> {
  const start = starts.get(job);
  if (start) return start as Run<Result> | Handle<Result>;
  throw new UsageError(
    `Cannot find a run of job ${job.name}: it was not started, write local(job) or ` +
      "await submit(job)",
  );
}

function folderOf({ progress: { folder } }: Run): string {
  if (folder !== undefined) return folder;
  throw new UsageError("Cannot find the job of this run yet: it is starting, await it");
}

function notFound(what: unknown): UsageError {
  const way = what instanceof Promise ? "await it first" : "give an id, a job, a run or a handle";
  return new UsageError(`Cannot find the job of ${Deno.inspect(what)}: ${way}`);
}
