/**
 * The number of workers that the option `workers` means.
 *
 * @module
 */

import type { Config } from "../../config/config.ts";
import { UsageError } from "../../util/errors.ts";

/**
 * Returns the number of workers, or `undefined` when the engine chooses it.
 *
 * @param workers the option, whose percentage is rounded down, but to at least 1
 * @param cpus the number of CPUs that this process may use
 *
 * @example
 * ```ts
 * import { workerCount } from "./worker_count.ts";
 *
 * if (workerCount("90%", 4) !== 3) throw new Error("wrong number of workers");
 * ```
 */
export function workerCount(
  workers: Config["workers"],
  cpus = navigator.hardwareConcurrency,
): number | undefined {
  if (typeof workers !== "string") return workers ?? undefined;
  return Math.max(1, Math.floor(cpus * parseFloat(workers) / 100));
}

/**
 * Checks that an engine can have the number of workers.
 *
 * @throws {UsageError} when it is a percentage and the workers run on other machines.
 */
export function checkWorkers({ workers }: Pick<Config, "workers">, engine: string): void {
  if (typeof workers !== "string" || engine === "local" || engine === "inline") return;
  throw new UsageError(
    `Cannot use --workers ${workers} with --engine ${engine}: a percentage is of the CPUs of this ` +
      "machine, write a number",
  );
}
