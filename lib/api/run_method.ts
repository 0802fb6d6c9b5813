/**
 * Run methods: user functions that return the job or the jobs to run.
 *
 * @module
 */

import type { Job } from "./job.ts";
import { loadConfig } from "../config/load.ts";
import { jobsOf, type RunMethodOptions } from "../job/run_method.ts";
import { forceEngine } from "../job/settings.ts";
import type { Summary } from "../job/summary.ts";

/**
 * Calls a run method and runs the job or jobs that it returns, one after the other.
 *
 * @throws {UsageError} when there is no such method, or it returns no job.
 */
export async function run(method: string, options: RunMethodOptions = {}): Promise<Summary[]> {
  const { args = [], kwargs = {}, flags = {}, outputSinks = [], isDryRun = false, stop } = options;
  const loaded = options.loaded ?? await loadConfig({ flags });
  const summaries: Summary[] = [];
  for await (const job of jobsOf(method, { ...options, loaded })) {
    const index = summaries.length;
    const run = (job as Job).run({
      flags,
      overrides: forceEngine(flags),
      loaded,
      outputSinks,
      isDryRun,
      origin: { method, args, kwargs, flags, index },
      stop,
      signal: options.signal,
    });
    summaries.push(await run);
    if (stop?.aborted) break;
  }
  return summaries;
}
