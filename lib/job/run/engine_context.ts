/**
 * The part of a plan that an engine receives.
 *
 * @module
 */

import { chooseImage } from "../../compat/image.ts";
import { valuePolicy } from "../../config/value_policy.ts";
import type { EngineContext } from "../../engines/engine.ts";
import { jobFiles } from "../../job_dir/layout.ts";
import { programFile } from "../../job_dir/record.ts";
import { checkTrusted } from "../../util/files/trust.ts";
import { workerCount } from "../options/worker_count.ts";
import type { RunPlan } from "../plan/plan.ts";

// The number of calls in a worker whose total number adapts.
const AUTO_CALLS = 16;

/** Returns the number of calls in one worker. */
function callsOf(concurrency: number | string): number {
  if (typeof concurrency === "number") return concurrency;
  return Number(concurrency.split(":")[1] ?? AUTO_CALLS);
}

/**
 * Creates the context that an engine receives for a plan.
 *
 * @throws {UsageError} when another user could have written the job's program.
 */
export function engineContext(
  { record, settings, folder, bundle, cachedProgram, reporter, stop, signal }: Pick<
    RunPlan,
    | "record"
    | "settings"
    | "folder"
    | "bundle"
    | "cachedProgram"
    | "reporter"
    | "stop"
    | "signal"
  >,
): EngineContext {
  const { config } = settings, { gpus, image } = chooseImage(config);
  const path = bundle ?? programFile(folder, record);
  checkTrusted(path);
  return {
    job: record.id,
    folder,
    files: jobFiles(folder).files,
    bundle: path,
    cachedProgram,
    workers: workerCount(config.workers),
    concurrency: callsOf(config.concurrency),
    chunk: config.chunk ?? undefined,
    tasksPerWorker: config.tasksPerWorker ?? undefined,
    env: config.env,
    permissions: settings.permissions,
    python: record.python,
    isSandboxed: config.sandbox === "bwrap",
    inspectable: config.inspectable || undefined,
    // A limit of 0 means unlimited.
    timeout: config.timeout || undefined,
    grace: config.grace,
    memory: config.memory || undefined,
    cpus: config.cpus,
    gpus,
    image,
    ship: record.ship,
    values: valuePolicy(config),
    settings: settings.engineOptions,
    warn: (text) => reporter.warn(text),
    observe: (look) => reporter.observe(look),
    stop,
    signal,
  };
}
