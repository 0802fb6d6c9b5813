/**
 * Short functions to create, run and submit jobs in a session or a script.
 *
 * @module
 */

import { isAddress } from "../bundle/function/resolve.ts";
import type {
  ContextFunction,
  JobDetails,
  JobOptions,
  TaskFunction,
} from "../job/options/options.ts";
import { submitJob } from "../job/run/submit.ts";
import { UsageError } from "../util/errors.ts";
import { isDict } from "../util/is_dict.ts";
import { Handle } from "./handle.ts";
import { Job } from "./job.ts";
import type { Run } from "./run.ts";
import { recordStart } from "./starts.ts";

let check: ((fn: TaskFunction) => void) | undefined;

/**
 * Sets a check for functions passed to {@linkcode job}. A session sets this check to reject, when a
 * job is created, a function that cannot be sent to a worker.
 *
 * @param fn the check. It throws when the function is not acceptable.
 */
export function checkWith(fn: (fn: TaskFunction) => void): void {
  check = fn;
}

/**
 * Creates a job from a function or its name: `module.method`, or a path or URL followed by
 * `#method`.
 *
 * @example
 * ```ts
 * import { job } from "dl_jobs";
 *
 * const double = job((x: number) => x * 2, { argsList: [1, 2, 3] });
 * const mean = job<number>("tiles.mean", { argsList: "tiles.ndjson" });
 * if (mean.name !== "tiles.mean" || double.options.argsList === undefined) throw new Error();
 * ```
 *
 * @param fn the function, or its name.
 * @param details the list and the options.
 * @returns the job, which has not been started. The type of its results is inferred from a
 * function. It is `unknown` for a name, unless the caller specifies it.
 * @throws {UsageError} when `fn` is neither a function nor a string, or `details` is a list.
 */
export function job<Result, Arg>(
  fn: ContextFunction<Result, Arg>,
  details?: JobDetails<Arg>,
): Job<Result, Arg>;
/** Creates a job from a function that has other parameters after the first one. */
export function job<Result, Arg>(
  fn: TaskFunction<Result, Arg>,
  details?: JobDetails<Arg>,
): Job<Result, Arg>;
/** Creates a job from a function's name. */
export function job<Result = unknown>(name: string, details?: JobDetails): Job<Result>;
export function job(what: TaskFunction | string, details: JobDetails = {}): Job {
  const given = Object(details);
  const isList = Symbol.iterator in given || Symbol.asyncIterator in given;
  if (typeof details !== "object" || isList) {
    throw new UsageError("Cannot create a job: write the list as job(fn, { argsList })");
  }
  if (typeof what === "string") return new Job({ ...details, ...toMethod(what) });
  if (typeof what !== "function") {
    throw new UsageError("Cannot create a job: pass a function or its name");
  }
  check?.(what);
  return new Job({ ...details, fn: what });
}

function toMethod(name: string): Pick<JobOptions, "moduleName" | "methodName"> {
  const dot = name.lastIndexOf(".");
  if (isAddress(name) || dot < 0) return { moduleName: name };
  return { moduleName: name.slice(0, dot), methodName: name.slice(dot + 1) };
}

/**
 * Runs a job on this machine, regardless of its configured engine.
 *
 * @example
 * ```ts
 * import { job, local, results } from "dl_jobs";
 *
 * const cwd = Deno.cwd();
 * Deno.chdir(Deno.makeTempDirSync());
 * const run = local(job((x: number) => x * 2, { argsList: 3, ordered: true, noisy: false }));
 * const found = await results(run);
 * Deno.chdir(cwd);
 * if (found.join() !== "0,2,4") throw new Error(found.join());
 * ```
 *
 * @param job the job.
 * @returns the run. Await it for the summary, or pass it to `results` for the results.
 * @throws {UsageError} when `job` is not a job.
 */
export function local<Result>(job: Job<Result>): Run<Result>;
export function local<Result>(job: Job<Result>, ...rest: unknown[]): Run<Result> {
  const run = checked(job, "local", rest).run({ overrides: { isDev: true } });
  recordStart(job, run);
  return run;
}

/**
 * Starts a job on the configured engine in a separate process, which outlives this one.
 *
 * @example
 * ```ts
 * import { job, results, submit } from "dl_jobs";
 *
 * const cwd = Deno.cwd();
 * Deno.chdir(Deno.makeTempDirSync());
 * const handle = await submit(job((x: number) => x * 2, { argsList: 3, ordered: true }));
 * const doubled: number[] = await results(handle);
 * Deno.chdir(cwd);
 * if (doubled.join() !== "0,2,4") throw new Error(doubled.join());
 * ```
 *
 * @param job the job. A list that is neither a number nor a file is first stored in the job's
 * folder.
 * @returns the job's handle, once the other process has started the job.
 * @throws {UsageError} when `job` is not a job, an option is invalid, or the process cannot start.
 */
export function submit<Result>(job: Job<Result>): Promise<Handle<Result>>;
export async function submit<Result>(
  job: Job<Result>,
  ...rest: unknown[]
): Promise<Handle<Result>> {
  const handle = new Handle<Result>(await submitJob(checked(job, "submit", rest)));
  recordStart(job, handle);
  return handle;
}

/**
 * Code that is not type-checked may pass another value, or a list or options after the job. An index
 * comes from `jobs.map(local)`.
 */
function checked<Result>(
  job: Job<Result>,
  helper: string,
  [second]: readonly unknown[],
): Job<Result> {
  if (Job.isJob(job) && (second === undefined || typeof second === "number")) return job;
  const [fault, details] = !Job.isJob(job)
    ? ["the value is not a job", "{ argsList }"]
    : isDict(second)
    ? ["it has no options, set them in the job", "{ argsList, workers: 4 }"]
    : ["it takes only a job, the list belongs to the job", "{ argsList }"];
  throw new UsageError(`Cannot call ${helper}: ${fault}, write ${helper}(job(fn, ${details}))`);
}
