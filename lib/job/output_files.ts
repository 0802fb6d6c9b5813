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

/** The parts of a record that name its files. */
type NamedJob = Pick<JobRecord, "name" | "options" | "started" | "files">;

/**
 * Names the results file and the errors file of a job: those that the job has written to, and those
 * that its options name.
 *
 * @returns the files, which are created when there is something to write.
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
 * Names the file that the messages of a job are written to.
 *
 * @returns the file, or nothing when the options say so.
 */
export function logFile(name: string, { log, logDir }: Config): LineFile | undefined {
  if (log === false) return undefined;
  return new LineFile(filePath(logDir, log === true ? name : log, new Date(), "log"));
}

/**
 * Creates the file that the user named for the results, and empties it if it exists.
 *
 * @returns its absolute path.
 * @throws {UsageError} when it cannot be written.
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

/** Joins a path. Blanks and separators in the file's name become dots, not those in the folder's. */
function filePath(dir: string, stem: string, time: Date | undefined, ending: string): string {
  const name = stem.replaceAll(/[\s/\\:]+/g, ".");
  return `${dir}/${name}${time ? `_${timestamp(time)}` : ""}.${ending}`;
}
