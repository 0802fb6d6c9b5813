/**
 * The files that a job's results, errors and messages are written to.
 *
 * @module
 */

import type { Config } from "../config/config.ts";
import type { OutputFiles } from "../job_dir/rebuild.ts";
import type { JobRecord } from "../job_dir/record.ts";
import { timestamp } from "../util/duration.ts";
import { UsageError } from "../util/errors.ts";
import { LineFile } from "../util/line_file.ts";
import { fileStem } from "./job_name.ts";

/** The fields of a record that determine the names of the job's files. */
type NamedJob = Pick<JobRecord, "name" | "options" | "started" | "files">;

/**
 * Returns the results file and the errors file of a job. The record contains the paths of files
 * that the job has written. The options determine all other paths.
 *
 * @returns the files, each of them created when its first line is written.
 */
export function outputFiles({ name, options, started, files }: NamedJob): OutputFiles {
  const { saveResults, resultsDir, saveErrors, errorsDir, resultsTimestamp } = options;
  const time = resultsTimestamp ? new Date(started) : undefined;
  const file = (known: string | undefined, stem: boolean | string, dir: string) => {
    if (known !== undefined) return new LineFile(known, true);
    if (stem === false) return undefined;
    return new LineFile(filePath(dir, stem === true ? name : stem, time, "ndjson"), !time);
  };
  return {
    results: file(files.results, saveResults, resultsDir),
    errors: file(files.errors, saveErrors, errorsDir),
  };
}

/**
 * Returns the log file for the messages of a job.
 *
 * @returns the file, or `undefined` when the option `log` is false.
 */
export function logFile(name: string, { log, logDir }: Config): LineFile | undefined {
  if (log === false) return undefined;
  return new LineFile(filePath(logDir, log === true ? name : log, new Date(), "log"));
}

/**
 * Creates the results file that the user named, or empties it if it exists.
 *
 * @returns the file's absolute path.
 * @throws {UsageError} when the file cannot be written.
 */
export function createOutput(path: string): string {
  const absolute = path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
  try {
    Deno.writeTextFileSync(absolute, "");
  } catch (cause) {
    throw new UsageError(`Cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
  return absolute;
}

/** Joins a folder and a file name. */
function filePath(dir: string, stem: string, time: Date | undefined, ending: string): string {
  return `${dir}/${fileStem(stem)}${time ? `_${timestamp(time)}` : ""}.${ending}`;
}
