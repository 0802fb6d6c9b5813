/**
 * Run methods: user functions that return the job or the jobs to run.
 *
 * @module
 */

import { importMethod } from "./bundle.ts";
import { dlJobsCall } from "./call.ts";
import { loadConfig } from "./config.ts";
import { UsageError } from "./errors.ts";
import { Job } from "./job.ts";
import { locate } from "./locate.ts";
import { forceEngine } from "./plan.ts";
import { isRemote } from "./remote.ts";
import type { ResultSink } from "./results.ts";
import type { Summary } from "./run.ts";

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
 * Calls a run method and runs the job or jobs that it returns, one after the other.
 *
 * @throws {UsageError} when there is no such method, or it returns no job.
 */
export async function run(method: string, options: RunMethodOptions = {}): Promise<Summary[]> {
  const { args = [], kwargs = {}, flags = {}, sinks = [], isDryRun = false } = options;
  const summaries: Summary[] = [];
  for await (const job of jobsOf(method, options)) {
    const index = summaries.length;
    const run = job.run({
      flags,
      overrides: forceEngine(flags),
      sinks,
      isDryRun,
      origin: { method, args, kwargs, flags, index },
      ...(options.stop ? { stop: options.stop } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
    });
    summaries.push(await run);
    if (options.stop?.aborted) break;
  }
  return summaries;
}

/**
 * Calls a run method and gives the jobs that it returns.
 *
 * @throws {UsageError} when there is no such method, or it returns no job.
 */
export async function* jobsOf(method: string, options: RunMethodOptions = {}): AsyncGenerator<Job> {
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
  const called = dlJobsCall(() => runMethod(...pad(args, runMethod), { ...given, ...kwargs }), []);
  const returned = await unlessStopped(called, options.stop);
  let found = 0, index = 0;
  for await (const job of isIterable(returned) ? returned : [returned] as unknown[]) {
    if (Job.isJob(job)) {
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
