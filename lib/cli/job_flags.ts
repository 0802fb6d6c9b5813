/**
 * The flags of the commands that start jobs, `map` and `run`.
 *
 * @module
 */

import type { OptionSpec } from "../config/option_types.ts";
import type { RunOptions } from "../job/options/options.ts";
import { CANARY_FLAGS, canaryIn } from "./canary_flags.ts";
import { CHECK_FLAGS, checksIn } from "./check_flags.ts";
import type { Call } from "./command.ts";
import { CUT_FLAGS, cutsIn } from "./cut_flags.ts";
import { OUTPUT_FLAGS, outputOf } from "./output_flags.ts";
import { REDUCE_FLAGS, reduceIn } from "./reduce_flags.ts";

/** The flags of a command that starts jobs. */
export const JOB_FLAGS: readonly OptionSpec[] = [
  ...CUT_FLAGS,
  ...REDUCE_FLAGS,
  ...CHECK_FLAGS,
  ...OUTPUT_FLAGS,
  ...CANARY_FLAGS,
  {
    name: "dry_run",
    type: "boolean",
    default: false,
    doc: "Show the job and run nothing; for slurm and compute, also what would be submitted.",
  },
];

/**
 * Returns the options of a run that the flags of a call state.
 *
 * @param files the words that the command takes for files. @default {none}
 * @throws {UsageError} when a flag is invalid, or contradicts another one.
 */
export function runOptionsIn(call: Call, files?: readonly string[]): RunOptions {
  const { flags } = call, cuts = cutsIn(call, files), canary = canaryIn(call);
  const { output, outputOptions } = outputOf(flags);
  return {
    cuts,
    ...reduceIn(flags),
    checks: checksIn(call),
    canary,
    isDryRun: flags.dry_run === true,
    output,
    outputOptions,
  };
}
