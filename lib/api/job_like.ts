/**
 * Resolves a caller's reference to a job.
 *
 * @module
 */

import type { Summary } from "../job/report/summary.ts";
import { doubtsAbout, findJob } from "../job_dir/find.ts";
import { UsageError } from "../util/errors.ts";
import { isDict } from "../util/is_dict.ts";
import { shortInspect } from "../util/text/short_inspect.ts";
import { Handle } from "./handle.ts";
import { Job } from "./job.ts";
import { Run } from "./run.ts";
import { latestStart } from "./starts.ts";

/**
 * A reference to a job: its id, a unique part of the id, its name, `"last"`, a job, run or handle
 * object, or the summary of a run.
 */
export type JobLike<Result = unknown> =
  | string
  | Job<Result>
  | Run<Result>
  | Handle<Result>
  | Summary;

/**
 * Checks that a call without a job, which means the last one, has no argument. An argument that is
 * undefined, such as an element that a list does not have, must not mean another job.
 *
 * @param args the arguments of the call, of which the first may name a job
 * @throws {UsageError} when the first argument is undefined.
 */
export function checkNamed(args: ArrayLike<unknown>): void {
  if (args.length > 0 && args[0] === undefined) throw notFound(undefined);
}

/**
 * Finds the handle of a job.
 *
 * @returns the handle. A job object that was started several times yields the handle of its latest
 * start.
 * @throws {UsageError} when no job or several jobs match, or the job has not been started.
 */
export function handleOf<Result>(what: JobLike<Result>): Handle<Result> {
  if (typeof what === "string") return named(what);
  if (what instanceof Handle) return what;
  if (what instanceof Run) return new Handle(folderOf(what));
  if (Job.isJob(what)) return handleOf(startOf<Result>(what));
  if (isSummary(what)) return new Handle(what.paths.folder);
  throw notFound(what);
}

/**
 * Finds the run or the handle of a job.
 *
 * @returns the run of a job that runs in this process; of a job object, its latest start.
 * @throws {UsageError} when no job or several jobs match, or the job has not been started.
 */
export function startOf<Result>(what: JobLike<Result>): Run<Result> | Handle<Result> {
  if (what instanceof Run) return what;
  if (!Job.isJob(what)) return handleOf(what);
  const start = latestStart(what);
  if (start) return start as Run<Result> | Handle<Result>;
  throw new UsageError(
    `Cannot find a run of job ${what.name}: it has not been started, call local(job) or ` +
      "await submit(job)",
  );
}

function named<Result>(called: string): Handle<Result> {
  const handle = new Handle<Result>(findJob(called));
  for (const doubt of doubtsAbout(called, handle.id)) console.error(`Warning: ${doubt}`);
  return handle;
}

function isSummary(what: unknown): what is Summary {
  return isDict(what) && isDict(what.paths) && typeof what.paths.folder === "string";
}

function folderOf({ progress: { folder }, hasEnded }: Run): string {
  if (folder !== undefined) return folder;
  throw new UsageError(
    hasEnded
      ? "Cannot find the job of this run: the run has created none, await it for the reason"
      : "Cannot find the job of this run yet: the run is still starting, await it first",
  );
}

function notFound(what: unknown): UsageError {
  const way = what instanceof Promise
    ? "await it first"
    : 'pass an id, a job, a run, a handle or "last"';
  return new UsageError(`Cannot find the job of ${shortInspect(what)}: ${way}`);
}
