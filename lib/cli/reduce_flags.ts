/**
 * The flags that fold results into one value.
 *
 * @module
 */

import type { OptionSpec } from "../config/option_types.ts";
import type { RunOptions } from "../job/options/options.ts";
import type { Call } from "./command.ts";

/** The flags of commands that reduce the results of a job. */
export const REDUCE_FLAGS: readonly OptionSpec[] = [
  {
    name: "reduce",
    type: "text",
    label: "FUNCTION",
    default: null,
    doc: "Fold the results into one value with this function of accumulator, result and arguments.",
    example: "work.ts#add",
  },
  {
    name: "by",
    type: "text",
    label: "KEY",
    default: null,
    doc: "Fold the results with equal values of a key, in the result or else in the arguments.",
    example: "year",
  },
];

/** Returns the reduce of a command line. */
export function reduceIn({ reduce, by }: Call["flags"]): Pick<RunOptions, "reduce" | "by"> {
  return { reduce: reduce ? String(reduce) : undefined, by: by === null ? undefined : String(by) };
}
