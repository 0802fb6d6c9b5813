/**
 * The names of a job's folder and of the files in it.
 *
 * ```text
 * .dl_jobs/
 *   cache/            programs that have been bundled, and the list of jobs that ended
 *   removed/          jobs whose files are being removed
 *   history           the input history of the interactive session
 *   <job id>/
 *     job.json        the record: the request and the outcome
 *     bundle.js       the program that calls the function; bundle.py for a Python function
 *     tasks.ndjson    the list, one task per line
 *     tasks.sums      the checksums of the list
 *     places.json     the lines of the tasks in the files of the list
 *     events.ndjson   the journal
 *     logs.ndjson     the text that tasks wrote
 *     spans.ndjson    the times when workers were busy
 *     running.json    the tasks that run now, if they take longer than a second
 *     resources.ndjson  the memory and the CPU use of the workers over time
 *     files/          the files that tasks write
 *     tasks.sqlite    a table of the tasks, made by the first query
 *     reduce/         programs that fold results, and what they have folded
 *     stack/          requests for the stacks of running tasks, and the answers
 *     lock            the process that writes the job
 *     control.ndjson  the changes that users asked for while the job ran
 *     <engine>/       the files of an engine that submits jobs, such as slurm/ or compute/
 * ```
 *
 * @module
 */

import { basename } from "../util/paths.ts";

/** The name of the folder that contains the jobs of a working directory. */
export const STORE = ".dl_jobs";

/** The paths of a job's files. */
export interface JobFiles {
  /** The record, `job.json`. */
  readonly record: string;
  /** The program that calls the function. */
  readonly bundle: string;
  /** The list, one task per line. */
  readonly tasks: string;
  /** The checksums of the list. */
  readonly sums: string;
  /** The lines of the tasks in the files of the list. It may not exist. */
  readonly places: string;
  /** The journal. */
  readonly events: string;
  /** The text that tasks wrote. */
  readonly logs: string;
  /** The times when workers were busy. */
  readonly spans: string;
  /** The memory and the CPU use of the workers. It may not exist. */
  readonly resources: string;
  /** The folder for files that tasks write. It may not exist. */
  readonly files: string;
  /** The table of the tasks that queries read. It may not exist. */
  readonly tables: string;
  /** The changes that users asked for. It may not exist. */
  readonly control: string;
  /** The file that a process locks while it runs the job. */
  readonly lock: string;
}

/**
 * Returns the paths of a job's files.
 *
 * @param folder the job's folder
 * @returns a path for each file; the files need not exist.
 */
export function jobFiles(folder: string): JobFiles {
  return {
    record: `${folder}/job.json`,
    bundle: `${folder}/bundle.js`,
    tasks: `${folder}/tasks.ndjson`,
    sums: `${folder}/tasks.sums`,
    places: `${folder}/places.json`,
    events: `${folder}/events.ndjson`,
    logs: `${folder}/logs.ndjson`,
    spans: `${folder}/spans.ndjson`,
    resources: `${folder}/resources.ndjson`,
    files: `${folder}/files`,
    tables: `${folder}/tasks.sqlite`,
    control: `${folder}/control.ndjson`,
    lock: `${folder}/lock`,
  };
}

/**
 * Returns the folder that contains the jobs of a directory.
 *
 * @param cwd the directory, as an absolute path. @default {Deno.cwd()}
 * @returns the path of the directory's `.dl_jobs` folder.
 */
export function storeOf(cwd: string = Deno.cwd()): string {
  return `${cwd}/${STORE}`;
}

/**
 * Returns the folder of a job.
 *
 * @param id the job's id
 * @param cwd the directory of the job, as an absolute path. @default {Deno.cwd()}
 * @returns the path of the folder, which need not exist.
 */
export function jobFolder(id: string, cwd?: string): string {
  return `${storeOf(cwd)}/${id}`;
}

/**
 * Returns the id of a job.
 *
 * @param folder the job's folder
 * @returns the last part of the folder's path.
 */
export function jobIdOf(folder: string): string {
  return basename(folder);
}

/**
 * Returns the directory that a job was started in.
 *
 * @param folder the job's folder
 * @returns the parent of the job's `.dl_jobs` folder.
 */
export function directoryOf(folder: string): string {
  return folder.slice(0, folder.lastIndexOf(`/${STORE}/`));
}

/**
 * Returns the folder of bundled programs, which all jobs of a directory share.
 *
 * @param store the folder that contains the jobs
 * @returns the path of the folder, which need not exist.
 */
export function cacheFolder(store: string = storeOf()): string {
  return `${store}/cache`;
}

/**
 * Returns the folder in which an engine stores its own files for a job.
 *
 * @param folder the job's folder
 * @param engine the engine's name
 * @returns the path of the folder, which need not exist.
 */
export function engineFolder(folder: string, engine: string): string {
  return `${folder}/${engine}`;
}

/**
 * Returns the file that stores the input history of the interactive session.
 *
 * @param cwd the directory of the session, as an absolute path. @default {Deno.cwd()}
 * @returns the path of the file, which need not exist.
 */
export function sessionHistory(cwd?: string): string {
  return `${storeOf(cwd)}/history`;
}
