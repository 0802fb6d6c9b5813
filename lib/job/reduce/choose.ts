/**
 * The program of the reduce of a job that runs again.
 *
 * @module
 */

import { bundleTask } from "../../bundle/build.ts";
import { cacheFolder, directoryOf } from "../../job_dir/layout.ts";
import type { JobRecord, ProgramRecord } from "../../job_dir/record.ts";
import type { ReduceRecord } from "../../job_dir/reduce_state.ts";
import { chooseCode, orAdvice, type ProgramRequest } from "../code_choice.ts";
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
  request: ProgramRequest,
): Promise<JobRecord> {
  const { reduce } = record, [first] = reduce?.programs ?? [], last = reduce?.programs?.at(-1);
  if (!reduce || !first || !last) return record;
  const choice = await chooseCode(last, folder, {
    verb: "folds the results with",
    verbAgain: "folds them with",
    lasting: reduce.function
      ? undefined
      : `${reduce.name} is a value in a script: run the script again`,
  }, { ...request, note: undefined });
  if (choice.code === "first") return withReduce(record, reduce, first);
  if (choice.code === "last") return record;
  const reducer = await rebuild(folder, reduce);
  if (reducer.record.code === reduce.code) return record;
  choice.tell();
  writeReducer(folder, reducer);
  return { ...record, reduce: reducer.record };
}

async function rebuild(folder: string, reduce: ReduceRecord): Promise<Reducer> {
  const { function: target, permissions, python } = reduce;
  const bundle = await orAdvice(
    bundleTask(target!, { cache: cacheFolder(), permissions, python }),
    "The reduce of today cannot run: mend it, or fold with the old code with --code original",
  );
  return withReduceProgram(reduce, bundle, new Date(), directoryOf(folder));
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
