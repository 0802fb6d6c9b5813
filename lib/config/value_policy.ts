/**
 * The options of a job for values that cannot be represented exactly.
 *
 * @module
 */

import type { ValuePolicy } from "../values/policy.ts";
import type { Config } from "./config.ts";

/** Returns the treatment of values for which options ask. Old records lack some options. */
export function valuePolicy(
  { nan, bigIntegers, maxResult }: Partial<Pick<Config, "nan" | "bigIntegers" | "maxResult">>,
): ValuePolicy {
  return {
    failsNonFinite: nan === "fail",
    hasBigInts: bigIntegers === "bigint",
    maxResult,
  };
}
