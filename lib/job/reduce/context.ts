/**
 * The context in which the engine `local` calls the function of a reduce.
 *
 * @module
 */

import type { LocalContext } from "../../engines/engine.ts";
import { jobFiles } from "../../job_dir/layout.ts";
import type { ReduceRecord } from "../../job_dir/reduce_state.ts";
import type { Settings } from "../options/settings.ts";

/** The parts of a job that its reduce needs. */
export interface ReduceHost {
  /** Reads the settings of the job, if any result has not been folded. */
  readonly settings: () => Settings | Promise<Settings>;
  /** Receives warnings about values. */
  readonly warn: (text: string) => void;
  /** Receives what the function prints. */
  readonly log: (text: string) => void;
  /** Aborted when the user stops the reduce. */
  readonly signal: AbortSignal;
}

/** Returns the context of a worker that folds the results of a job. */
export function reduceContext(
  folder: string,
  { file, by, python, permissions }: ReduceRecord,
  { config: { env, bigIntegers, nan, sandbox, memory } }: Settings,
  { warn, signal }: ReduceHost,
): LocalContext {
  return {
    job: "",
    files: jobFiles(folder).files,
    bundle: `${folder}/${file}`,
    // The accumulators are in one process.
    workers: 1,
    concurrency: 1,
    env,
    permissions,
    python,
    isSandboxed: sandbox === "bwrap",
    // A limit of 0 means unlimited.
    memory: memory || undefined,
    grace: 0,
    gpus: 0,
    values: { hasBigInts: bigIntegers === "bigint", failsNonFinite: nan === "fail" },
    reduce: { by },
    warn,
    stop: signal,
    signal,
  };
}
