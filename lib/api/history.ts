/**
 * What can be done with jobs that have been started, here or elsewhere, now or last week.
 *
 * @module
 */

import { loadConfig } from "../config/load.ts";
import type { Config } from "../config/options.ts";
import { cancelJob } from "../job/cancel.ts";
import { INSPECT } from "../job/format.ts";
import { jobsTable, type ListedJob } from "../job/jobs_table.ts";
import { resumeJob } from "../job/resume.ts";
import { jobFolder, STORE } from "../job_dir/layout.ts";
import { listJobs } from "../job_dir/find.ts";
import { Handle, handleOf, type JobLike, started } from "./handle.ts";
import { Job, Run } from "./job.ts";
import { Logs } from "./logs.ts";
import { showProgress } from "./notebook.ts";
import { noteRun } from "./runs.ts";

/** How a job stands: a handle, which says it when it is looked at. */
export function status(what: JobLike = "last"): Handle {
  return handleOf(what);
}

/** The jobs of this folder, the newest last. */
export function jobs(): Handle[] {
  return JobList.from(listJobs(), (id) => new Handle(jobFolder(id)));
}

class JobList<T> extends Array<T> {
  // What is made of a list of jobs is no list of jobs.
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  [INSPECT](): string {
    if (this.length === 0) return `There are no jobs in ${STORE}`;
    return jobsTable(Array.from(this as unknown as Handle[], jobRow));
  }
}

function jobRow({ id, state, record: { name, started }, counts }: Handle): ListedJob {
  return { id, name, state, started, ...counts };
}

/** What the tasks of a job wrote. */
export function logs(what: JobLike = "last"): Logs {
  return new Logs(handleOf(what).folder);
}

/** Ends a job: what runs is ended, what is done is kept. Gives its handle when it has ended. */
export async function cancel(what: JobLike = "last"): Promise<Handle> {
  const start = Job.isJob(what) ? started(what) : what;
  if (!(start instanceof Run)) {
    const handle = handleOf(start);
    await cancelJob(handle.folder);
    return handle;
  }
  start.cancel();
  await start;
  return handleOf(start);
}

/** Runs here what failed in a job, and what has no end yet. */
export function retry(what: JobLike = "last"): Run {
  return goOn(what, () => true);
}

/** Runs here what has no end yet of a job that stopped or died. */
export function resume(what: JobLike = "last"): Run {
  return goOn(what);
}

function goOn(what: JobLike, retryFilter?: () => boolean): Run {
  const { folder } = handleOf(what);
  const run = new Run((hooks) => resumeJob(folder, { ...hooks, retryFilter }));
  noteRun(run);
  showProgress(run);
  return run;
}

/** The options in force, from the config file, the environment and the defaults. */
export async function config(): Promise<Config> {
  return (await loadConfig({})).values;
}
