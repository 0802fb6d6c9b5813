/**
 * The programs of a job. A job begins with one program; `retry` adds another when the user has
 * changed the sources, and keeps the earlier ones.
 *
 * @module
 */

import { bundleTask } from "../bundle/build.ts";
import type { Bundle, JobFunction } from "../bundle/program.ts";
import { isPythonFunction } from "../bundle/python/interpreter.ts";
import { permissionFlags } from "../config/permissions.ts";
import { cacheFolder, directoryOf } from "../job_dir/layout.ts";
import { type JobRecord, programFile, type ProgramRecord } from "../job_dir/record.ts";
import { defined } from "../util/defined.ts";
import { UsageError } from "../util/errors.ts";
import { PRIVATE_FILE, writeAtomic } from "../util/fs.ts";
import { gitRevision } from "../util/git_revision.ts";
import { dirname } from "../util/paths.ts";
import { chooseCode, type CodeChoice, orAdvice, type ProgramRequest } from "./code_choice.ts";

/**
 * Returns the record of a program that is built from sources.
 *
 * @param directory the directory of the job
 */
export function newProgram(
  { hash, sources }: Bundle,
  since: Date,
  directory: string,
  file: string,
): ProgramRecord {
  const base = `${directory}/`;
  // Relative paths remain valid when the project's folder is moved.
  const entries = Object.entries(sources ?? {}).map(([path, one]) =>
    [path.startsWith(base) ? path.slice(base.length) : path, one] as const
  );
  return defined<ProgramRecord>({
    hash,
    file,
    since: since.toISOString(),
    sources: Object.fromEntries(entries),
    revision: gitRevision(sourceFolder(Object.keys(sources ?? {}), directory)),
  });
}

/** Returns the folder of the first source file, which may be outside of the job's directory. */
function sourceFolder([first]: readonly string[], directory: string): string {
  return first?.startsWith("/") ? dirname(first) : directory;
}

/**
 * Chooses the program of a resumed job, and builds it if needed.
 *
 * @param folder the job's folder
 * @returns the record with the chosen program as its last one.
 * @throws {UsageError} when the sources of today cannot be built.
 */
export async function chooseProgram(
  folder: string,
  record: JobRecord,
  request: ProgramRequest,
): Promise<JobRecord> {
  const [first] = record.programs ?? [], last = record.programs?.at(-1);
  if (first === undefined || last === undefined) return withoutSources(record, request.code);
  const choice = await chooseCode(last, folder, {
    verb: "runs",
    verbAgain: "runs",
    lasting: record.function === "function" ? lastingText(record, request) : undefined,
  }, request);
  if (choice.code === "first") return withProgram(record, { ...first, since: now() });
  if (choice.code === "last") return record;
  const bundle = await buildToday(record, `${request.isRetry ? "retry" : "resume"} ${record.id}`);
  if (bundle.hash === record.code) return record;
  choice.tell();
  const program = newProgram(bundle, new Date(), directoryOf(folder), freeName(record));
  const added = withProgram(record, program);
  writeAtomic(programFile(folder, added), bundle.code, { sync: true, mode: PRIVATE_FILE });
  return added;
}

/**
 * Builds the program of a job from the sources of today.
 *
 * @param command the command that runs it, with the id of the job, for messages
 * @throws {UsageError} when the sources cannot be built.
 */
export async function buildToday(record: JobRecord, command: string): Promise<Bundle> {
  const target = record.function as Exclude<JobRecord["function"], "function">;
  const permissions = permissionFlags(record.options.permissions), { isCall, python } = record;
  const options = { spread: isCall, isTask: true, cache: cacheFolder(), permissions, python };
  return await orAdvice(
    bundleTask(target, options),
    "The code of today cannot run: mend it, or run the old code with " +
      `dl_jobs ${command} --code original`,
  );
}

/** Adds a program to a record, unless it is the last one already. */
function withProgram(record: JobRecord, program: ProgramRecord): JobRecord {
  const { programs = [] } = record;
  if (programs.at(-1)?.file === program.file) return record;
  return { ...record, code: program.hash, programs: [...programs, program] };
}

/** Returns the name of the first program of a job. */
export function programName(target: JobFunction): string {
  return isPythonFunction(target) ? "bundle.py" : "bundle.js";
}

function freeName({ programs = [] }: JobRecord): string {
  const number = new Set(programs.map(({ file }) => file)).size + 1;
  return programs[0]!.file.replace(/(?=\.\w+$)/, `.${number}`);
}

/** Returns the record of a job from a version that did not record its sources. */
function withoutSources(record: JobRecord, code: CodeChoice | undefined): JobRecord {
  if (code !== "current") return record;
  throw new UsageError(
    `Cannot run job ${record.id} with the code of today: it was started by an older version, ` +
      "start a new job with --reuse",
  );
}

/** Tells that only the script of a job can create its function again. */
function lastingText({ id }: JobRecord, { code }: ProgramRequest): string {
  const way = "its function is a value in a script, run the script again for the code of today";
  if (code === "current") throw new UsageError(`Cannot run new code of job ${id}: ${way}`);
  return way;
}

function now(): string {
  return new Date().toISOString();
}
