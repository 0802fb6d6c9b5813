/**
 * The values of results that a script receives.
 *
 * @module
 */

import { valuePolicy } from "../config/value_policy.ts";
import { ValueReader } from "../values/value_reader.ts";
import type { JobRecord } from "./record.ts";

/**
 * Returns a reader of the results of a job.
 *
 * @param options the options of the job, if they are known
 */
export function resultReader(options: Partial<JobRecord["options"]> = {}): ValueReader {
  return new ValueReader(
    "results",
    valuePolicy(options),
    "--big-integers bigint reads such integers as BigInt",
  );
}
