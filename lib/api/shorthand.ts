/**
 * Making a job and starting it.
 *
 * @module
 */

import { isAddress } from "../bundle/resolve.ts";
import type { JobOptions } from "../job/options.ts";
import { submitJob } from "../job/submit.ts";
import { UsageError } from "../util/errors.ts";
import { Handle, noteStart } from "./handle.ts";
import { Job, type Run } from "./job.ts";
import { showProgress } from "./notebook.ts";
import { noteRun } from "./runs.ts";

/** What a job is, besides its function. */
export type Options = Omit<JobOptions, "fn" | "moduleName" | "methodName">;

/** A function that is typed into a session or a script. */
// deno-lint-ignore no-explicit-any -- any function of one argument is one
export type TaskFunction<T> = (...args: any[]) => T;

let check: ((fn: TaskFunction<unknown>) => void) | undefined;

/** From now on a function that cannot travel is refused as soon as there is a job of it. */
export function checkWith(fn: (fn: TaskFunction<unknown>) => void): void {
  check = fn;
}

/**
 * Makes a job of a function, or of the name of one: `module.method`, a path or a URL.
 *
 * @example
 * ```ts
 * import { job } from "./shorthand.ts";
 *
 * const double = job((x: number) => x * 2, { argsList: [1, 2, 3] });
 * const mean = job("tiles.mean", { argsList: "tiles.ndjson" });
 * if (mean.name !== "tiles.mean" || double.options.argsList === undefined) throw new Error();
 * ```
 */
export function job<T>(fn: TaskFunction<T>, options?: Options): Job<Awaited<T>>;
/** A job of the name of a function. */
export function job(name: string, options?: Options): Job;
export function job(what: TaskFunction<unknown> | string, options: Options = {}): Job {
  if (typeof what === "string") return new Job({ ...options, ...toMethod(what) });
  if (typeof what !== "function") {
    throw new UsageError("Cannot make a job: give a function, or the name of one");
  }
  check?.(what);
  return new Job({ ...options, fn: what });
}

function toMethod(name: string): Pick<JobOptions, "moduleName" | "methodName"> {
  const dot = name.lastIndexOf(".");
  if (isAddress(name) || dot < 0) return { moduleName: name };
  return { moduleName: name.slice(0, dot), methodName: name.slice(dot + 1) };
}

/**
 * Runs a job on this machine. Await the run for its counts, or look at `results(run)`.
 *
 * @example
 * ```ts
 * import { job, local } from "./shorthand.ts";
 * import { results } from "./results.ts";
 *
 * const cwd = Deno.cwd();
 * Deno.chdir(Deno.makeTempDirSync());
 * const run = local(job((x: number) => x * 2, { argsList: 3, ordered: true, noisy: false }));
 * const found = await results(run);
 * Deno.chdir(cwd);
 * if (found.join() !== "0,2,4") throw new Error(found.join());
 * ```
 */
export function local<T>(job: Job<T>): Run<T> {
  const run = checked(job, "local").run({ overrides: { isDev: true } });
  noteStart(job, run);
  noteRun(run);
  showProgress(run);
  return run;
}

/**
 * Hands a job to the configured engine and gives a handle as soon as it is in the hands of a process
 * of its own, which goes on when this one is left.
 */
export async function submit(job: Job): Promise<Handle> {
  const handle = new Handle(await submitJob(checked(job, "submit")));
  noteStart(job, handle);
  return handle;
}

function checked<T>(job: Job<T>, helper: string): Job<T> {
  if (Job.isJob(job)) return job;
  throw new UsageError(`Cannot ${helper}: it is no job, write ${helper}(job(fn, { argsList }))`);
}
