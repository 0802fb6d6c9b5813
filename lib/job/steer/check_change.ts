/**
 * The checks of a change of a running job, before it is asked for and before it is applied.
 *
 * @module
 */

import { tryParse } from "../../config/option_types.ts";
import { camelCase, type Config, OPTIONS } from "../../config/options.ts";
import { parseHalt } from "../../tasks/halt.ts";
import { parsePolicy } from "../../tasks/retry.ts";
import { UsageError } from "../../util/errors.ts";
import { checkPace } from "../options/rate_keys.ts";
import { checkWorkers } from "../options/worker_count.ts";

/** The options that can change while a job runs, by the names that a user writes. */
export const SETTABLE = [
  "workers",
  "rate",
  "timeout",
  "memory",
  "halt",
  "max_attempts",
  "retry",
  "backoff",
] as const;

const NUMBERS: ReadonlySet<string> = new Set(
  ["timeout", "memory", "maxAttempts", "backoff"] satisfies (keyof Config)[],
);

const WORKERS = OPTIONS.find(({ name }) => name === "workers")!;

/**
 * Checks the new values of options.
 *
 * @param set the values by the names of options, which may come from a file
 * @throws {UsageError} when an option cannot change, or its value is invalid.
 */
export function checkChange(set: Partial<Config>, engine: string): void {
  for (const [name, value] of Object.entries(set)) {
    const isKnown = SETTABLE.some((one) => camelCase(one) === name);
    const isValue = !NUMBERS.has(name) || typeof value === "number";
    const isCount = name !== "workers" || tryParse(WORKERS, value) === value;
    if (isKnown && (value === null || (isValue && isCount))) continue;
    throw new UsageError(`Cannot set ${name} to ${JSON.stringify(value)} while a job runs`);
  }
  const { halt, retry, rate = null, workers = null } = set;
  if (typeof halt === "string") parseHalt(halt);
  if (retry) parsePolicy(retry, 1);
  checkPace({ rate, concurrency: 1 }, engine);
  checkWorkers({ workers }, engine);
}
