/**
 * Calls run methods: the user's functions that return jobs.
 *
 * @module
 */

import { isPythonModule } from "../../bundle/function/interpreter.ts";
import { locate } from "../../bundle/function/resolve.ts";
import { loadConfig } from "../../config/load.ts";
import type { MethodCall } from "../../job_dir/record.ts";
import { escapeControls } from "../../terminal/escape.ts";
import { UsageError } from "../../util/errors.ts";
import { isFromNetwork } from "../../util/remote.ts";
import { withGpuJob } from "../options/option_rules.ts";
import type { JobOptions, RunOptions } from "../options/options.ts";

/**
 * The key that marks jobs. All copies of the library share the key, so each copy recognizes the
 * jobs of the others.
 */
export const JOB_BRAND: unique symbol = Symbol.for("dl_jobs.Job") as never;

/** A job that a run method returned. */
export interface ReturnedJob {
  /** The options of the job. */
  readonly options: JobOptions;
  readonly [JOB_BRAND]: true;
}

/**
 * Tests whether a value is a job, created by this copy of the library or by another copy.
 *
 * @returns true when the value is a job.
 */
export function isJob(value: unknown): value is ReturnedJob {
  return typeof value === "object" && value !== null && JOB_BRAND in value;
}

/**
 * The arguments of a run method, and options for the run of each of its jobs. With `stop`, no more
 * jobs start, either; `output` is for a method that returns one job.
 */
export interface RunMethodOptions extends Omit<RunOptions, "overrides" | "origin"> {
  /**
   * The positional arguments of the run method, which fill its parameters from the first one on.
   * @default {[]}
   */
  readonly args?: readonly unknown[] | undefined;
  /**
   * The named arguments. Each one fills the parameter of its name. The other ones are in the object
   * that a method takes apart as its last parameter, with the options in force, such as `gpus`.
   */
  readonly kwargs?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Calls a run method and iterates over the jobs that it returns.
 *
 * @param method the name of the method: `module.method`, a path or a URL
 * @throws {UsageError} when the method does not exist, returns no job, or is remote and not all
 * permissions are allowed.
 */
export async function* jobsOf(
  method: string,
  options: RunMethodOptions,
): AsyncGenerator<ReturnedJob> {
  const returned = await callMethod(method, options);
  const isList = isIterable(returned), { output } = options;
  const jobs = Array.isArray(returned) ? returned.filter(isJob).length : 0;
  if (output !== undefined && jobs > 1) throw manyJobs(method, output);
  let found = 0, index = 0;
  for await (const job of isList ? returned : [returned] as unknown[]) {
    if (isJob(job)) {
      if (output !== undefined && found > 0) throw manyJobs(method, output);
      found++;
      yield job;
    } else if (!job && isList) {
      const where = `element ${index} of the list that ${escapeControls(method)} returned`;
      console.error(`Warning: ${where} is not a job`);
    } else throw noJob(method, job, isList);
    index++;
  }
  if (found === 0 && !options.stop?.aborted) throw noJob(method, returned);
}

/**
 * Calls a run method again, for the parts of a job that its record does not contain.
 *
 * @returns the options of the job.
 * @throws {UsageError} when the method returns fewer jobs than before.
 */
export async function jobAgain(
  { method, args, kwargs, flags, index }: MethodCall,
): Promise<JobOptions> {
  let at = 0;
  for await (const { options } of jobsOf(method, { args, kwargs, flags })) {
    if (at++ === index) return options;
  }
  throw new UsageError(`Cannot read the list again: ${method} returns fewer jobs than before`);
}

/**
 * Returns a call for the record. The values of variables may be secrets, and a run method does not
 * receive them.
 */
export function withoutEnv(call: MethodCall): MethodCall {
  const { env: _env, ...flags } = call.flags;
  return { ...call, flags };
}

async function callMethod(
  method: string,
  { args = [], kwargs = {}, flags = {}, stop, loaded }: RunMethodOptions,
): Promise<unknown> {
  const values = withGpuJob(loaded ?? await loadConfig({ flags }));
  const location = await locate(method, values);
  if (isPythonModule(location.module)) {
    const { callPython } = await import("./python_run_method.ts");
    return asJobs(callPython({ name: method, location, config: values, args, kwargs, stop }));
  }
  if (isFromNetwork(location.module) && values.permissions?.all !== "true") {
    throw cannotTrust(location.module);
  }
  // Most jobs have no run method, and do not need the modules that build and call it.
  const { callModule } = await import("./module_run_method.ts");
  return await unlessStopped(
    callModule({ name: method, location, config: values, args, kwargs }),
    stop,
  );
}

async function* asJobs(all: AsyncIterable<JobOptions>): AsyncGenerator<ReturnedJob> {
  for await (const options of all) yield { options, [JOB_BRAND]: true };
}

function manyJobs(method: string, output: string): UsageError {
  return new UsageError(
    `Cannot write ${output}: ${method} returns several jobs, and each would replace the results of ` +
      "the one before, leave out --output",
  );
}

function cannotTrust(module: string): UsageError {
  return new UsageError(
    `Cannot run ${module}: a run method runs in this process, with all its permissions, ` +
      "pass --allow-all if you trust it",
  );
}

/** Waits for a run method. Returns an empty list if the run is stopped first. */
async function unlessStopped(returned: unknown, stop?: AbortSignal): Promise<unknown> {
  const stopped = Promise.withResolvers<[]>();
  stop?.addEventListener("abort", () => stopped.resolve([]));
  return await Promise.race([returned, stopped.promise]);
}

function isIterable(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  return typeof value === "object" && value !== null &&
    (Symbol.iterator in value || Symbol.asyncIterator in value);
}

function noJob(method: string, returned: unknown, isElement = false): UsageError {
  const kind = returned === null ? "null" : typeof returned;
  const what = isSummary(returned)
    ? "summary of a run"
    : isIterable(returned)
    ? "list without a job"
    : kind;
  return new UsageError(
    `Cannot run "${method}": it returned ${isElement ? "a list with " : ""}${withArticle(what)}, ` +
      `a run method returns a Job or a list of them${isElement ? "" : adviceFor(method, returned)}`,
  );
}

function adviceFor(method: string, returned: unknown): string {
  if (isSummary(returned)) return ", without a call of run()";
  if (returned === undefined || returned === null || isIterable(returned)) return "";
  return `; to call it for each element of a list, write dl_jobs map ${method} LIST`;
}

/** Returns true for the summary of a run. A run is awaited, as every promise is. */
function isSummary(value: unknown): boolean {
  return typeof value === "object" && value !== null && "commonErrors" in value;
}

function withArticle(kind: string): string {
  if (kind === "undefined") return "nothing";
  if (kind === "null") return kind;
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}
