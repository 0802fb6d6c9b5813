/**
 * The records of the programs of a job, and a program from the current sources.
 *
 * @module
 */

import { bundleTask } from "../../bundle/build.ts";
import type { Bundle, JobFunction } from "../../bundle/program/program.ts";
import { isPythonFunction } from "../../bundle/function/interpreter.ts";
import { permissionFlags } from "../../config/permissions.ts";
import { cacheFolder } from "../../job_dir/layout.ts";
import type { JobRecord, ProgramRecord } from "../../job_dir/record.ts";
import { defined } from "../../util/defined.ts";
import { gitRevision } from "../../util/git_revision.ts";
import { dirname } from "../../util/paths.ts";
import { orAdvice } from "./code_choice.ts";

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
 * Builds the program of a job from the current sources.
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
    "The current code cannot run: fix it, or run the old code with " +
      `dl_jobs ${command} --code original`,
  );
}

/** Returns the name of the first program of a job. */
export function programName(target: JobFunction): string {
  return isPythonFunction(target) ? "bundle.py" : "bundle.js";
}
