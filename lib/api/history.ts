/**
 * Operations on jobs that were started earlier, in this process or another.
 *
 * @module
 */

import type { Config } from "../config/config.ts";
import { literalValues } from "../config/env_option.ts";
import type { EnvInput } from "../config/input_types.ts";
import { loadConfig, parseOption } from "../config/load.ts";
import { cancelJob } from "../job/steer/cancel.ts";
import type { CodeChoice } from "../job/program/code_choice.ts";
import { type JobRow, jobsTable } from "../job/inspect/jobs_table.ts";
import { AGAIN_SHAPES, checkIsOptions, checkShapes } from "../job/options/code_options.ts";
import { checkOptionNames, type OptionNames } from "../job/options/option_names.ts";
import { MOVE_NAMES, type MoveOptions } from "../job/resume/move.ts";
import { resumeJob } from "../job/resume/resume.ts";
import { listJobs } from "../job_dir/find.ts";
import { jobFolder, STORE } from "../job_dir/layout.ts";
import { readState } from "../job_dir/state.ts";
import { INSPECT } from "../util/text/custom_inspect.ts";
import type { StandardSchema } from "../worker/check.ts";
import { addSecrets } from "../util/text/mask.ts";
import { Handle } from "./handle.ts";
import { checkNamed, handleOf, type JobLike, startOf } from "./job_like.ts";
import { Logs } from "./logs.ts";
import { showProgress } from "./notebook.ts";
import { Run } from "./run.ts";
import { runningHere, trackRun } from "./runs.ts";

/**
 * Finds a job that was started. A session or a notebook displays the returned handle as the job's
 * state.
 *
 * @param what the job.
 * @returns the job's handle.
 * @throws {UsageError} when no job or several jobs match, or the job has not been started.
 */
export function status<Result = unknown>(what: JobLike<Result> = "last"): Handle<Result> {
  checkNamed(arguments);
  return handleOf(what);
}

/**
 * Lists the jobs recorded in the working directory. A session displays the list as a table.
 *
 * @example
 * ```ts
 * import { job, jobs, local } from "dl_jobs";
 *
 * const cwd = Deno.cwd();
 * Deno.chdir(Deno.makeTempDirSync());
 * await local(job((x: number) => x, { argsList: 1, name: "first", quiet: true }));
 * await local(job((x: number) => x, { argsList: 1, name: "second", quiet: true }));
 * const names = jobs().map(({ record }) => record.name);
 * Deno.chdir(cwd);
 * if (names.join() !== "first,second") throw new Error(names.join());
 * ```
 *
 * @returns a handle for each job, oldest first.
 */
export function jobs(): Handle[] {
  return JobList.from(listJobs(), (id) => new Handle(jobFolder(id)));
}

/** An array of handles that a session displays as a table. */
class JobList<T> extends Array<T> {
  // Makes `jobs().map(...)` return a plain array.
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  [INSPECT](): string {
    if (this.length === 0) return `There are no jobs in ${STORE}`;
    return jobsTable(Array.from(this as unknown as Handle[], jobRow));
  }
}

function jobRow({ id, folder, record }: Handle): JobRow {
  const { name, started } = record;
  const { state, waits, counts, isPartial } = readState(folder, record);
  return { id, name, state, waits, started, ...counts, isPartial };
}

/**
 * Finds the output that a job's tasks wrote. A session displays the last 20 lines.
 *
 * @example
 * ```ts
 * import { job, local, logs } from "dl_jobs";
 *
 * const cwd = Deno.cwd();
 * Deno.chdir(Deno.makeTempDirSync());
 * await local(job((x: number) => console.log(`tile ${x}`), { argsList: 1, printLogs: false }));
 * const [line] = await Array.fromAsync(logs("last"));
 * Deno.chdir(cwd);
 * if (line?.id !== 0 || line.text !== "tile 0\n") throw new Error(line?.text);
 * ```
 *
 * @param what the job.
 * @returns the lines, as an async iterable.
 * @throws {UsageError} when no job or several jobs match, or the job has not been started.
 */
export function logs(what: JobLike = "last"): Logs {
  checkNamed(arguments);
  return new Logs(handleOf(what).folder);
}

/**
 * Cancels a job: ends its running tasks and keeps the recorded results.
 *
 * @example
 * ```ts
 * import { cancel, job, local } from "dl_jobs";
 *
 * const cwd = Deno.cwd();
 * Deno.chdir(Deno.makeTempDirSync());
 * const never = () => new Promise<void>((resolve) => setTimeout(resolve, 1e9));
 * const run = local(job(never, { argsList: 1, quiet: true }));
 * const { state } = await cancel(run);
 * Deno.chdir(cwd);
 * if (state !== "canceled") throw new Error(state);
 * ```
 *
 * @param what the job, in this process or another.
 * @returns the job's handle, once the job has ended. A job that has ended is unchanged.
 * @throws {UsageError} when no job or several jobs match, or the job has not been started.
 */
export async function cancel<Result = unknown>(
  what: JobLike<Result> = "last",
): Promise<Handle<Result>> {
  checkNamed(arguments);
  const start = startOf<Result>(what), run = start instanceof Run ? start : runIn(start.folder);
  if (!run) {
    const handle = handleOf<Result>(start);
    await cancelJob(handle.folder);
    return handle;
  }
  run.cancel();
  await run;
  return handleOf<Result>(start);
}

/** Returns the run of a job that runs in this process, which must not get a signal. */
function runIn(folder: string): Run | undefined {
  return runningHere().find((run): run is Run =>
    run instanceof Run && run.progress.folder === folder
  );
}

/** The options of `retry` and `resume`. */
export interface RunAgainOptions {
  /**
   * The code to run: `original` for that of the job's start, `current` for the code as it is now.
   * @default {for `retry`, the current code if the sources have changed; otherwise that of the job}
   */
  readonly code?: CodeChoice | undefined;
  /** Values of environment variables, which the job's record does not contain. */
  readonly env?: EnvInput | undefined;
  /**
   * The limit that replaces the job's option `limit`: a larger number, or `none` for the whole list.
   * @default {that of the job}
   */
  readonly limit?: number | "none" | undefined;
  /**
   * The schema of a job that has a schema of a library, which its record does not contain.
   * @default {that of the job}
   */
  readonly schema?: StandardSchema | undefined;
  /** The engine to which the job moves, with its options. @default {that of the job} */
  readonly move?: MoveOptions | undefined;
}

/**
 * Runs the failed and pending tasks of a job. Tasks that succeeded do not run again. If the sources of
 * the function have changed, the tasks run with the current code.
 *
 * @example Retry failed tasks once the cause is fixed
 * ```ts
 * import { job, local, retry } from "dl_jobs";
 *
 * const cwd = Deno.cwd();
 * Deno.chdir(Deno.makeTempDirSync());
 * const read = (path: string) => Deno.readTextFileSync(path);
 * const { failed } = await local(job(read, { argsList: ["a.txt"], quiet: true }));
 * Deno.writeTextFileSync("a.txt", "here");
 * const { succeeded } = await retry("last");
 * Deno.chdir(cwd);
 * if (failed !== 1 || succeeded !== 1) throw new Error("not retried");
 * ```
 *
 * @param what the job.
 * @param options the code and the environment variables of the run.
 * @returns the run, which takes place in this process. It rejects with a `UsageError` when another
 * process is already running the job.
 * @throws {UsageError} when no job or several jobs match, or the job has not been started.
 */
export function retry<Result = unknown>(
  what: JobLike<Result> = "last",
  options: RunAgainOptions = {},
): Run<Result> {
  checkNamed(arguments);
  return runAgain(what, options, "retry", () => true);
}

/**
 * Resumes a canceled or interrupted job. Runs its pending tasks but not its failed tasks.
 *
 * @example Resume a canceled job
 * ```ts
 * import { job, local, resume } from "dl_jobs";
 *
 * const cwd = Deno.cwd();
 * Deno.chdir(Deno.makeTempDirSync());
 * const slow = async (x: number) => {
 *   await new Promise((resolve) => setTimeout(resolve, 20));
 *   return x;
 * };
 * const run = local(job(slow, { argsList: 20, workers: 1, quiet: true }));
 * for await (const _ of run) run.cancel();
 * const { canceled } = await run;
 * const { succeeded } = await resume("last");
 * Deno.chdir(cwd);
 * if (canceled === 0 || succeeded !== 20) throw new Error(`${canceled}, ${succeeded}`);
 * ```
 *
 * @param what the job.
 * @param options the code and the environment variables of the run.
 * @returns the run, which takes place in this process. It rejects with a `UsageError` when another
 * process is already running the job, or when the job's list cannot be read again.
 * @throws {UsageError} when no job or several jobs match, or the job has not been started.
 */
export function resume<Result = unknown>(
  what: JobLike<Result> = "last",
  options: RunAgainOptions = {},
): Run<Result> {
  checkNamed(arguments);
  return runAgain(what, options, "resume");
}

const AGAIN: OptionNames<RunAgainOptions> = {
  code: true,
  env: true,
  limit: true,
  schema: true,
  move: true,
};

function runAgain<Result>(
  what: JobLike<Result>,
  given: RunAgainOptions,
  of: string,
  retryFilter?: () => boolean,
): Run<Result> {
  checkIsOptions(given, `${of}()`);
  const { folder } = handleOf(what), { env, ...options } = given;
  addSecrets(literalValues(env));
  const run = new Run<Result>(async (hooks) => {
    await checkOptionNames(options, Object.keys(AGAIN), `of ${of}()`, {
      names: MOVE_NAMES,
      way: (key) => `it changes the rest of the job, write move: { ${key} }`,
    });
    checkShapes(options, AGAIN_SHAPES, `of ${of}()`);
    await checkOptionNames(options.move ?? {}, MOVE_NAMES, "of a move");
    const values = await parseOption("env", env ?? {}, "option env") as Config["env"];
    return await resumeJob(folder, { ...hooks, ...options, env: values, retryFilter });
  });
  trackRun(run);
  showProgress(run);
  return run;
}

/**
 * Reads the options in force from the defaults, the nearest config file and the environment.
 *
 * @example
 * ```ts
 * import { config } from "dl_jobs";
 *
 * const cwd = Deno.cwd();
 * Deno.chdir(Deno.makeTempDirSync());
 * Deno.writeTextFileSync("dl_jobs.config.yaml", "workers: 3\ntimeout: 5m\n");
 * const { workers, timeout } = await config();
 * Deno.chdir(cwd);
 * if (workers !== 3 || timeout !== 300_000) throw new Error(`${workers}, ${timeout}`);
 * ```
 *
 * @returns the options, with durations in milliseconds and sizes in bytes.
 * @throws {UsageError} when the config file is invalid or has an unknown option, or when an option
 * has an invalid value.
 */
export async function config(): Promise<Config> {
  return (await loadConfig()).values;
}
