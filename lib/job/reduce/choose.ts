/**
 * The program of the reduce of a job that runs again.
 *
 * @module
 */

import { bundleTask } from "../../bundle/build.ts";
import { cacheFolder, directoryOf } from "../../job_dir/layout.ts";
import type { JobRecord, ProgramRecord } from "../../job_dir/record.ts";
import type { ReduceRecord } from "../../job_dir/reduce_state.ts";
import { UsageError } from "../../util/errors.ts";
import { changeOf, type ProgramRequest } from "../programs.ts";
import { type Reducer, withReduceProgram, writeReducer } from "./reducer.ts";

/**
 * Chooses the program of the reduce of a resumed job, by the rules for the program of its tasks.
 *
 * @param folder the job's folder
 * @returns the record with the chosen program, which is in the folder.
 * @throws {UsageError} when the sources of today cannot be built.
 */
export async function chooseReducer(
  folder: string,
  record: JobRecord,
  { code, isRetry, warn }: ProgramRequest,
): Promise<JobRecord> {
  const { reduce } = record, [first] = reduce?.programs ?? [], last = reduce?.programs?.at(-1);
  if (!reduce || !first || !last) return record;
  if (code === "original") return withReduce(record, reduce, first);
  const change = await changeOf(last, folder);
  if (change === undefined) return record;
  const old = `${
    isRetry ? "retry" : "resume"
  } folds the results with the code of the job: ${change}`;
  if (!reduce.function) {
    warn(`${old}, and ${reduce.name} is a value in a script: run the script again`);
    return record;
  }
  if (code === undefined && !isRetry) {
    warn(`${old}, --code current folds them with the code of today`);
    return record;
  }
  const reducer = await rebuild(folder, reduce);
  if (reducer.record.code === reduce.code) return record;
  if (code === undefined) {
    warn(
      `retry folds the results with the code of today: ${change}, --code original folds them ` +
        "with the old code",
    );
  }
  writeReducer(folder, reducer);
  return { ...record, reduce: reducer.record };
}

async function rebuild(folder: string, reduce: ReduceRecord): Promise<Reducer> {
  const { function: target, permissions, python } = reduce;
  try {
    const bundle = await bundleTask(target!, { cache: cacheFolder(), permissions, python });
    return withReduceProgram(reduce, bundle, new Date(), directoryOf(folder));
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw new UsageError(
      `${cause.message}\nThe reduce of today cannot run: mend it, or fold with the old code with ` +
        "--code original",
      { cause },
    );
  }
}

function withReduce(record: JobRecord, reduce: ReduceRecord, program: ProgramRecord): JobRecord {
  const { programs = [], code } = reduce, { hash, file } = program;
  if (code === hash) return record;
  const since = new Date().toISOString();
  return {
    ...record,
    reduce: { ...reduce, programs: [...programs, { ...program, since }], code: hash, file },
  };
}
