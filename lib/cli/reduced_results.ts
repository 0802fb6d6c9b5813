/**
 * The part of `results` that folds results into one value.
 *
 * @module
 */

import type { Config } from "../config/config.ts";
import type { OptionSpec } from "../config/option_types.ts";
import type { OutputSource } from "../formats/output.ts";
import { type JobRecord, readRecord } from "../job_dir/record.ts";
import type { ReduceRecord } from "../job_dir/reduce_state.ts";
import { UsageError } from "../util/errors.ts";
import type { Call } from "./command.ts";
import { say } from "./output.ts";
import { REDUCE_FLAGS, reduceIn } from "./reduce_flags.ts";

type Flags = Call["flags"];

/** Opens results for the file with a name. */
export type OpenSource = (name: string) => Promise<OutputSource>;

/** The flags of a reduce of an earlier job, whose default is the function of the job. */
export const OTHER_REDUCE_FLAGS: readonly OptionSpec[] = REDUCE_FLAGS.map((flag) => {
  if (flag.name !== "reduce") return flag;
  const doc = `${flag.doc} Without it, that of the job; none shows all results.`;
  return { ...flag, default: "", none: "none", doc };
});

/** Returns true when a call asks for the value of a reduce. */
export function asksReduced(folder: string, flags: Flags): boolean {
  const { reduce, by, errors, rebuild } = flags;
  if (reduce === "none" || errors || rebuild) return false;
  return reduce !== "" || by !== null || readRecord(folder).reduce !== undefined;
}

/**
 * Finds the function of a reduce, and returns the function that computes and opens its value.
 *
 * @param env variables of the function, whose values the job's record does not contain
 * @throws {UsageError} when the function does not exist.
 * @throws {Error} when the reduce is that of the job, and tasks of the job are pending.
 */
export async function reducedSource(
  folder: string,
  flags: Flags,
  env: Config["env"],
): Promise<OpenSource> {
  if (flags.with_args) {
    throw new UsageError("Cannot use --with-args with a reduce: write --reduce none, too");
  }
  const { openReduced, reduceHost, settingsOf } = await import("../job/reduce/reduced.ts");
  const { checkReducible, pendingText } = await import("../job/reduce/pending.ts");
  const record = readRecord(folder), reduce = await reduceRecord(folder, record, flags);
  if (reduce === record.reduce) checkReducible(folder, record, reduce);
  else {
    const pending = pendingText(folder, record);
    if (pending !== undefined) say(`Warning: the value is of a part of the results: ${pending}`);
  }
  const host = reduceHost(() => settingsOf(folder, record, env), say);
  return async (name) => ({ ...await openReduced(folder, reduce, host, name), notice: say });
}

/** Returns the reduce of the flags, whose program is written to the job's folder, or of the job. */
async function reduceRecord(
  folder: string,
  record: JobRecord,
  flags: Flags,
): Promise<ReduceRecord> {
  const request = reduceIn(flags);
  if (record.reduce && !request.reduce && request.by === undefined) return record.reduce;
  const { findReducer, writeReducer } = await import("../job/reduce/reducer.ts");
  const { recordSettings } = await import("../job/options/settings.ts");
  const reducer = await findReducer(request, recordSettings(record), {
    started: new Date(),
  });
  writeReducer(folder, reducer!);
  return reducer!.record;
}
