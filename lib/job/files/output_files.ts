/**
 * The files that a job's results, errors and messages are written to.
 *
 * @module
 */

import type { Config } from "../../config/config.ts";
import { newestJob } from "../../job_dir/find.ts";
import { directoryOf, jobFolder, jobIdOf } from "../../job_dir/layout.ts";
import { holderOf } from "../../job_dir/lock.ts";
import type { Notice } from "../../formats/format.ts";
import {
  type OutputKind,
  outputKind,
  type OutputOptions,
  type OutputSource,
} from "../../formats/output.ts";
import type { OutputFiles } from "../../job_dir/rebuild.ts";
import type { JobRecord } from "../../job_dir/record.ts";
import { AsideFile } from "../../util/files/aside_file.ts";
import { timestamp } from "../../util/time/duration.ts";
import { UsageError } from "../../util/errors.ts";
import { exists, isRawError } from "../../util/files/fs.ts";
import { createFolder, freePath, LineFile } from "../../util/files/line_file.ts";
import { OutputFile } from "../../util/files/output_file.ts";
import { absolutePath, dirname, fromFileUrl, shownPath, toFileUrl } from "../../util/paths.ts";
import { shellWord } from "../../util/shell.ts";
import { fileStem } from "./job_name.ts";
import { checkOutputKind, companionsOf } from "./writers.ts";
import { isInPlace } from "../../util/files/new_file.ts";

/** The fields of a record that determine the names of the job's files. */
type NamedJob = Pick<
  JobRecord,
  "name" | "options" | "started" | "output" | "outputOptions" | "files"
>;

/**
 * Returns the results file and the errors file of a job. The record contains the paths of files
 * that the job has written. The options determine all other paths.
 *
 * @returns the files, each of them created when its first line is written.
 */
export function outputFiles(record: NamedJob): OutputFiles {
  const { name, options, started, output, files } = record;
  const { saveResults, resultsDir, saveErrors, errorsDir, resultsTimestamp } = options;
  const time = resultsTimestamp ? new Date(started) : undefined;
  const file = (known: string | undefined, stem: boolean | string, dir: string) => {
    if (known !== undefined) return new LineFile(known, true);
    if (stem === false) return undefined;
    return new LineFile(filePath(dir, stem === true ? name : stem, time, "ndjson"), !time);
  };
  const results = () =>
    output === undefined
      ? file(files.results, saveResults, resultsDir)
      : new OutputFile(output, files.results !== undefined);
  return {
    results: exportedFile(record) ? undefined : results(),
    errors: file(files.errors, saveErrors, errorsDir),
  };
}

/** Returns the results file of a job that is written once its tasks have ended. */
export function exportedFile(
  { output, outputOptions }: Pick<JobRecord, "output" | "outputOptions">,
): AsideFile | undefined {
  return output === undefined || !outputOptions ? undefined : new AsideFile(output);
}

/**
 * Returns a new file for the value of a reduce, which is named as the results file of the job would
 * be; `undefined` when the job saves no results.
 */
export function reducedFile(
  name: string,
  { saveResults, resultsDir, resultsTimestamp }: Config,
  started: Date,
): string | undefined {
  if (saveResults === false) return undefined;
  const stem = saveResults === true ? name : saveResults;
  const path = filePath(resultsDir, stem, resultsTimestamp ? started : undefined, "ndjson");
  createFolder(path);
  return resultsTimestamp ? freePath(path) : path;
}

/**
 * Writes the results of a job to its file, which is replaced.
 *
 * @param reduced the value of a reduce, to write instead. @default {none}
 */
export async function exportResults(
  file: AsideFile,
  folder: string,
  record: JobRecord,
  notice?: Notice,
  reduced?: OutputSource,
): Promise<void> {
  const { name } = file, kind = outputKind(name);
  try {
    const write = (path: string) => exportTo(path, kind, folder, record, { name, notice, reduced });
    await file.replace(write, companionsOf(kind));
  } catch (cause) {
    const again = `dl_jobs results ${jobIdOf(folder)} --output FILE`;
    const { message } = cause as Error;
    const reason = isRawError(message) ? `Cannot write ${name}: ${message}` : message;
    throw new Error(
      `${reason}; all tasks have ended, and ${again} writes their results`,
      { cause },
    );
  }
}

/** The parts of an exported file that do not follow from the job. */
interface ExportFacts extends Pick<OutputSource, "notice"> {
  /** The name of the file, for messages. @default {the path} */
  readonly name?: string | undefined;
  readonly reduced?: OutputSource | undefined;
}

/**
 * Writes the results of a job as its results file has them.
 *
 * @param path the path of the file, which exists and is empty
 */
export async function exportTo(
  path: string,
  kind: OutputKind,
  folder: string,
  { options, outputOptions: { withArgs, ...rest } = {} }: JobRecord,
  { name = path, notice, reduced }: ExportFacts = {},
): Promise<void> {
  const { openResults } = await import("../../job_dir/result_rows.ts");
  const { writeResults } = await import("./writers.ts");
  const isSplit = !options.groupedResults;
  const rows = reduced
    ? { ...reduced, notice }
    : await openResults(folder, { name, withArgs, isSplit, notice });
  await writeResults(rows, kind, { withArgs, ...rest }, path);
}

/**
 * Returns the log file for the messages of a job.
 *
 * @param started the start of the run. @default {now}
 * @returns the file, or `undefined` when the option `log` is false.
 */
export function logFile(
  name: string,
  { log, logDir }: Config,
  started = new Date(),
): LineFile | undefined {
  if (log === false) return undefined;
  return new LineFile(filePath(logDir, log === true ? name : log, started, "log"));
}

/**
 * Checks the results file that the user named. The file keeps its content.
 *
 * @returns the file's absolute path.
 * @throws {UsageError} when the file cannot be written, or its format has no such option.
 */
export function checkOutput(path: string, options: OutputOptions = {}): string {
  if (path === "") throw new UsageError("Cannot write to an empty path: name the file of --output");
  checkOutputKind(path, outputKind(path), options);
  const absolute = absolutePath(path);
  try {
    checkWritable(absolute);
  } catch (cause) {
    throw new UsageError(`Cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
  return fromFileUrl(toFileUrl(absolute));
}

function checkWritable(path: string): void {
  if (!exists(path)) return checkFolder(dirname(path));
  const found = Deno.statSync(path), { isFile } = found;
  if (found.isDirectory) throw new TypeError("it is a folder, name a file in it");
  if (isFile && isInPlace(path, found)) {
    throw new TypeError("the shell has opened that file, leave out --output");
  }
  if (isFile) Deno.openSync(path, { append: true }).close();
}

function checkFolder(path: string): void {
  try {
    Deno.statSync(`${path}/`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const folder = shownPath(path);
    throw new TypeError(
      `there is no folder ${folder}, create it with mkdir -p ${shellWord(folder)}`,
    );
  }
}

/**
 * Locks the results file that the user named, so that no other job writes it.
 *
 * @param folder the folder of the job
 * @throws {UsageError} when another job is writing the file, or a later job has written it.
 */
export function claimOutput(file: OutputFile | AsideFile, folder: string): void {
  const { name } = file, id = jobIdOf(folder);
  const later = exists(name) ? laterWriter(name, folder) : undefined;
  if (later !== undefined) {
    throw new UsageError(
      `Cannot write ${name}: job ${later} has written it since, move that file away or use ` +
        `dl_jobs results ${id}`,
    );
  }
  try {
    file.claim();
  } catch (error) {
    // An error with a cause is one of opening the file, not of its lock.
    const isLocked = error instanceof UsageError && error.cause === undefined;
    throw isLocked ? withWriter(error, name, folder) : error;
  }
}

/**
 * Returns the id of a job that was created after this job and has written the same file;
 * `undefined` when there is none.
 */
export function laterWriter(path: string, folder: string): string | undefined {
  const own = jobIdOf(folder);
  // The record of a copy has the id of its original.
  return newestJob(directoryOf(folder), ({ id, files }) => id > own && files.results === path);
}

/** Adds the other job that is writing a file to an error, if it is one of the same directory. */
function withWriter(error: UsageError, path: string, folder: string): UsageError {
  const directory = directoryOf(folder), own = jobIdOf(folder);
  const writer = newestJob(
    directory,
    ({ output }, id) =>
      id !== own && output === path && holderOf(jobFolder(id, directory)) !== undefined,
  );
  if (writer === undefined) return error;
  return new UsageError(
    `Cannot write ${path}: job ${writer} is writing it, wait for the job or write --output with ` +
      "another file",
  );
}

/** Joins a folder and a file name. An empty folder is the working directory. */
function filePath(dir: string, stem: string, time: Date | undefined, ending: string): string {
  return `${dir || "."}/${fileStem(stem)}${time ? `_${timestamp(time)}` : ""}.${ending}`;
}
