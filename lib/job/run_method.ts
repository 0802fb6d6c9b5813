/**
 * Calls run methods, the user functions that return jobs.
 *
 * @module
 */

import { importMethod } from "../bundle/import_method.ts";
import { locate } from "../bundle/resolve.ts";
import { loadConfig } from "../config/load.ts";
import type { ResultSink } from "../job_dir/result_writer.ts";
import { UsageError } from "../util/errors.ts";
import { isRemote } from "../util/remote.ts";
import { dlJobsInvoke } from "../worker/invoke.ts";
import type { JobOptions } from "./options.ts";

/** Marks jobs, also those of another copy of the library. */
export const JOB_BRAND: unique symbol = Symbol.for("dl_jobs.Job") as never;

/** A job as a run method returns it. */
export interface ReturnedJob {
  /** What the job is. */
  readonly options: JobOptions;
}

/** Whether a value is a job, of this copy of the library or of another. */
export function isJob(value: unknown): value is ReturnedJob {
  return typeof value === "object" && value !== null && JOB_BRAND in value;
}

/** What a run method is called with, and how its jobs run. */
export interface RunMethodOptions {
  /** Positional arguments of the run method. @default {[]} */
  readonly args?: readonly unknown[];
  /** Named arguments, which win over the options that the method is given. */
  readonly kwargs?: Readonly<Record<string, unknown>>;
  /** Options as flags give them. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** Who wants the lines of the results files as they come. */
  readonly sinks?: readonly ResultSink[];
  /** Only say what would be done. @default {false} */
  readonly isDryRun?: boolean;
  /** When it is aborted nothing more is started, no job either, and what runs may finish. */
  readonly stop?: AbortSignal;
  /** Ends the job that runs when it is aborted. */
  readonly signal?: AbortSignal;
}

/** The options that a run method is given besides its own named arguments. */
const INJECTED = ["cpus", "gpus", "cpuJob", "cpuImage", "gpuImage", "noisy"] as const;

/**
 * Calls a run method and gives the jobs that it returns.
 *
 * @throws {UsageError} when there is no such method, or it returns no job.
 */
export async function* jobsOf(
  method: string,
  options: RunMethodOptions = {},
): AsyncGenerator<ReturnedJob> {
  const { args = [], kwargs = {}, flags = {} } = options;
  const { values } = await loadConfig({ flags });
  const location = await locate(method, values);
  if (isRemote(location.module) && values.permissions?.all !== "true") {
    throw new UsageError(
      `Cannot run ${location.module}: a run method runs in this process, with all that it may, ` +
        "say --allow-all when you trust it",
    );
  }
  const runMethod = await importMethod(location);
  const given = Object.fromEntries(INJECTED.map((name) => [name, values[name]]));
  const called = dlJobsInvoke(
    () => runMethod(...pad(args, runMethod), { ...given, ...kwargs }),
    [],
  );
  const returned = await unlessStopped(called, options.stop);
  let found = 0, index = 0;
  for await (const job of isIterable(returned) ? returned : [returned] as unknown[]) {
    if (isJob(job)) {
      found++;
      yield job;
    } else if (!job && isIterable(returned)) {
      console.error(`Warning: no job found in element ${index} of what ${method} returned`);
    } else throw noJob(method, job, isIterable(returned));
    index++;
  }
  if (found === 0 && !options.stop?.aborted) throw noJob(method, returned);
}

/** The named arguments come last also where a declared positional one is not given. */
function pad(args: readonly unknown[], { length }: { length: number }): unknown[] {
  return [...args, ...new Array(Math.max(0, length - 1 - args.length)).fill(undefined)];
}

/** Waits for a run method, and gives no job when it is stopped before. */
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
  const what = isIterable(returned) ? "list without a job" : kind;
  return new UsageError(
    `Cannot run "${method}": it returned ${isElement ? "a list with " : ""}${withArticle(what)}, ` +
      "a run method returns a Job or a list of them",
  );
}

function withArticle(kind: string): string {
  if (kind === "undefined") return "nothing";
  if (kind === "null") return kind;
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}
