/**
 * The programs of a job that runs again: that of its tasks, and that of its reduce. A job begins with
 * one program; `retry` adds another when the user has changed the sources, and keeps the earlier
 * ones.
 *
 * @module
 */

import { bundleTask } from "../../bundle/build.ts";
import { cacheFolder, directoryOf } from "../../job_dir/layout.ts";
import { type JobRecord, programFile, type ProgramRecord } from "../../job_dir/record.ts";
import type { ReduceRecord } from "../../job_dir/reduce_state.ts";
import { UsageError } from "../../util/errors.ts";
import { PRIVATE_FILE, writeAtomic } from "../../util/files/fs.ts";
import { chooseCode, orAdvice, type ProgramRequest } from "../program/code_choice.ts";
import { buildToday, newProgram } from "../program/programs.ts";
import { type Reducer, withReduceProgram, writeReducer } from "../reduce/reducer.ts";

/**
 * Chooses the programs of a job that runs again, and builds those that are from the current sources.
 *
 * @param folder the job's folder
 * @returns the record with the chosen programs as its last ones, which are in the folder.
 * @throws {UsageError} when the current sources cannot be built.
 */
export async function choosePrograms(
  folder: string,
  record: JobRecord,
  request: ProgramRequest,
): Promise<JobRecord> {
  return await chooseReducer(folder, await chooseProgram(folder, record, request), request);
}

async function chooseProgram(
  folder: string,
  record: JobRecord,
  request: ProgramRequest,
): Promise<JobRecord> {
  const [first] = record.programs ?? [], last = record.programs?.at(-1);
  if (request.code === "current") checkSources(record);
  if (first === undefined || last === undefined) return record;
  const choice = await chooseCode(last, folder, {
    verb: "runs",
    verbAgain: "runs",
    lasting: record.function === "function" ? IS_VALUE : undefined,
  }, request);
  if (choice.code === "first") {
    return withProgram(record, { ...first, since: new Date().toISOString() });
  }
  if (choice.code === "last") return record;
  const bundle = await buildToday(record, `${request.isRetry ? "retry" : "resume"} ${record.id}`);
  if (bundle.hash === record.code) return record;
  choice.tell();
  const program = newProgram(bundle, new Date(), directoryOf(folder), freeName(record));
  const added = withProgram(record, program);
  writeAtomic(programFile(folder, added), bundle.code, { sync: true, mode: PRIVATE_FILE });
  return added;
}

const IS_VALUE = "its function is a value in a script, run the script again for the current code";

/** Throws when a job has no sources from which its program could be built again. */
function checkSources({ id, programs = [], function: target }: JobRecord): void {
  if (programs.length === 0) {
    throw new UsageError(
      `Cannot run job ${id} with the current code: it was started by an older version, ` +
        "start a new job with --reuse",
    );
  }
  if (target === "function") throw new UsageError(`Cannot run new code of job ${id}: ${IS_VALUE}`);
}

/** Adds a program to a record, unless it is the last one already. */
function withProgram(record: JobRecord, program: ProgramRecord): JobRecord {
  const { programs = [] } = record;
  if (programs.at(-1)?.file === program.file) return record;
  return { ...record, code: program.hash, programs: [...programs, program] };
}

/** Returns a name for another program of a job. */
function freeName({ programs = [] }: JobRecord): string {
  const number = new Set(programs.map(({ file }) => file)).size + 1;
  return programs[0]!.file.replace(/(?=\.\w+$)/, `.${number}`);
}

async function chooseReducer(
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
    "The current reduce cannot run: fix it, or fold with the old code with --code original",
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
