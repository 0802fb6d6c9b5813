/**
 * The settings that a far side receives with its slices.
 *
 * @module
 */

import type { Limits } from "../../tasks/batch.ts";
import type { EngineContext } from "../engine.ts";

/** The settings with which a far side runs its slices with the engine `local`. */
export interface FarSideSettings extends
  Pick<
    EngineContext,
    | "job"
    | "concurrency"
    | "tasksPerWorker"
    | "permissions"
    | "python"
    | "isSandboxed"
    | "inspectable"
    | "gpus"
    | "timeout"
    | "grace"
    | "memory"
    | "values"
  > {
  /** The number of workers of one far side. */
  readonly workers: number;
}

/**
 * Returns the settings of a job for a far side.
 *
 * @param limits the limits of the slices, which replace those of the job
 */
export function farSideSettings(
  context: EngineContext,
  workers: number,
  limits: Limits | undefined,
): FarSideSettings {
  const { job, concurrency, permissions, python, isSandboxed, inspectable } = context;
  const { tasksPerWorker, gpus, timeout, grace, memory, values } = context;
  return {
    job,
    grace,
    concurrency,
    tasksPerWorker,
    permissions,
    python,
    isSandboxed,
    inspectable,
    gpus,
    workers,
    values,
    timeout: timeout || undefined,
    memory: memory || undefined,
    ...limits,
  };
}
