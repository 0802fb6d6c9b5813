/**
 * The programs of a job. A job begins with one program; `retry` adds another when the user has
 * changed the sources, and keeps the earlier ones.
 *
 * @module
 */

import { bundleTask } from "../bundle/build.ts";
import type { Bundle, JobFunction } from "../bundle/program.ts";
import { isPythonFunction } from "../bundle/python/interpreter.ts";
import { changedSources, type Sources } from "../bundle/sources.ts";
import { permissionFlags } from "../config/permissions.ts";
import { cacheFolder, directoryOf } from "../job_dir/layout.ts";
import { type JobRecord, programFile, type ProgramRecord } from "../job_dir/record.ts";
import { formatTime } from "../util/duration.ts";
import { defined } from "../util/defined.ts";
import { UsageError } from "../util/errors.ts";
import { PRIVATE_FILE, writeAtomic } from "../util/fs.ts";
import { gitRevision } from "../util/git_revision.ts";
import { dirname } from "../util/paths.ts";

/** The program of a resumed job: that of its start, or one from the sources of today. */
export type CodeChoice = "original" | "current";

/** A request to choose the program of a resumed job. */
export interface ProgramRequest {
  /** The user's choice. @default {current for a retry if the sources differ, else the last program} */
  readonly code?: CodeChoice | undefined;
  /** True when failed tasks run again, which makes sense with the code that the user has mended. */
  readonly isRetry: boolean;
  /** Tells the user that the sources differ from the program. */
  readonly warn: (text: string) => void;
  /** Tells the user that the sources are still those of the program. @default {nothing is told} */
  readonly note?: ((text: string) => void) | undefined;
}

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
  { code, isRetry, warn, note }: ProgramRequest,
): Promise<JobRecord> {
  const [first] = record.programs ?? [], last = record.programs?.at(-1);
  if (first === undefined || last === undefined) return withoutSources(record, code);
  if (code === "original") return withProgram(record, { ...first, since: now() });
  const change = await changeOf(last, folder);
  if (code === undefined && change === undefined) {
    if (Object.keys(last.sources ?? {}).length > 0) note?.(unchangedText(last));
    return record;
  }
  if (record.function === "function") return keepFunction(record, { code, isRetry, warn }, change);
  if (code === undefined && !isRetry) {
    warn(`resume runs the code of the job: ${change}, --code current runs the code of today`);
    return record;
  }
  const bundle = await buildToday(record, isRetry ? "retry" : "resume");
  if (bundle.hash === record.code) return record;
  if (code === undefined) {
    warn(`retry runs the code of today: ${change}, --code original runs the old code`);
  }
  const program = newProgram(bundle, new Date(), directoryOf(folder), freeName(record));
  const added = withProgram(record, program);
  writeAtomic(programFile(folder, added), bundle.code, { sync: true, mode: PRIVATE_FILE });
  return added;
}

function unchangedText({ since }: ProgramRecord): string {
  return `retry runs the same code: it has not changed since ${formatTime(new Date(since))}`;
}

/**
 * Describes the sources of a program that have changed since it was built.
 *
 * @param folder the job's folder
 * @returns `undefined` when they are the same.
 */
export async function changeOf(
  { sources = {}, since }: ProgramRecord,
  folder: string,
): Promise<string | undefined> {
  const changed = await changedSources(absolute(sources, folder));
  if (changed.length === 0) return undefined;
  return `${namesOf(changed)} changed since ${formatTime(new Date(since))}`;
}

/**
 * Builds the program of a job from the sources of today.
 *
 * @param command the command that runs it, for messages
 * @throws {UsageError} when the sources cannot be built.
 */
export async function buildToday(record: JobRecord, command: string): Promise<Bundle> {
  const target = record.function as Exclude<JobRecord["function"], "function">;
  try {
    const permissions = permissionFlags(record.options.permissions), { isCall, python } = record;
    const options = { spread: isCall, isTask: true, cache: cacheFolder(), permissions, python };
    return await bundleTask(target, options);
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw new UsageError(
      `${cause.message}\nThe code of today cannot run: mend it, or run the old code with ` +
        `dl_jobs ${command} ${record.id} --code original`,
      { cause },
    );
  }
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

function absolute(sources: Sources, folder: string): Sources {
  const entries = Object.entries(sources).map(([path, hash]) =>
    [path.startsWith("/") ? path : `${directoryOf(folder)}/${path}`, hash] as const
  );
  return Object.fromEntries(entries);
}

function namesOf(changed: readonly string[]): string {
  const here = `${Deno.cwd()}/`;
  const names = changed.map((path) => path.startsWith(here) ? path.slice(here.length) : path);
  return names.length < 4 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and others`;
}

/** Returns the record of a job from a version that did not record its sources. */
function withoutSources(record: JobRecord, code: CodeChoice | undefined): JobRecord {
  if (code !== "current") return record;
  throw new UsageError(
    `Cannot run job ${record.id} with the code of today: it was started by an older version, ` +
      "start a new job with --reuse",
  );
}

/** Returns the record of a job whose function was a value, which only its script can create again. */
function keepFunction(
  record: JobRecord,
  { code, isRetry, warn }: ProgramRequest,
  change: string | undefined,
): JobRecord {
  const way = "its function is a value in a script, run the script again for the code of today";
  if (code === "current") throw new UsageError(`Cannot run new code of job ${record.id}: ${way}`);
  warn(`${isRetry ? "retry" : "resume"} runs the code of the job: ${change}, and ${way}`);
  return record;
}

function now(): string {
  return new Date().toISOString();
}
