/**
 * Lists the jobs of a directory, and finds a job by its id or name.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { exists } from "../util/files/fs.ts";
import { jobFiles, jobFolder, storeOf } from "./layout.ts";
import { holderOf } from "./lock.ts";
import { type JobRecord, readRecord } from "./record.ts";

/** A folder that looks like a job and has no readable record. */
export interface DamagedJob {
  /** The job's id, which is the name of the folder. */
  readonly id: string;
  /** The reason that the record cannot be read. */
  readonly reason: string;
}

/**
 * Lists the jobs of a directory that have a readable record. A damaged job does not hide the other
 * jobs.
 *
 * @param cwd the directory, as an absolute path. @default {Deno.cwd()}
 * @returns the ids of the jobs, in the order in which they were created.
 */
export function listJobs(cwd: string = Deno.cwd()): string[] {
  return jobIds(cwd).filter((id) => typeof recordOf(id, cwd) !== "string");
}

/**
 * Lists the jobs of a directory whose record is missing or damaged. A job that another process is
 * just creating is left out.
 *
 * @param after an id; only newer jobs are listed
 * @param cwd the directory, as an absolute path. @default {Deno.cwd()}
 */
export function damagedJobs(after: string, cwd: string = Deno.cwd()): DamagedJob[] {
  return jobIds(cwd).filter((id) => id > after).flatMap((id) => {
    const reason = recordOf(id, cwd);
    return typeof reason !== "string" || holderOf(jobFolder(id, cwd)) ? [] : { id, reason };
  });
}

/**
 * Returns a text for each newer job that a name or `last` could mean as well, but whose record cannot
 * be read. An id means no other job.
 *
 * @param called the name, the id or `last`
 * @param found the id of the job that {@linkcode findJob} found for it
 * @param cwd the directory, as an absolute path. @default {Deno.cwd()}
 */
export function doubtsAbout(called: string, found: string, cwd: string = Deno.cwd()): string[] {
  if (found.includes(called)) return [];
  return damagedJobs(found, cwd).map(({ id, reason }) =>
    called === "last"
      ? `last is job ${found}, because the newer job ${id} is damaged: ${reason}`
      : `${called} is job ${found}, unless the newer job ${id} has this name, which is damaged: ` +
        reason
  );
}

/**
 * Finds the newest job with a readable record.
 *
 * @param cwd the directory, as an absolute path
 * @param accepts selects a job by its record and its id. @default {any job}
 * @returns the id of the job, or `undefined` when there is none.
 */
export function newestJob(
  cwd: string,
  accepts: (record: JobRecord, id: string) => boolean = () => true,
): string | undefined {
  return jobIds(cwd).findLast((id) => {
    const record = recordOf(id, cwd);
    return typeof record !== "string" && accepts(record, id);
  });
}

/**
 * Lists all folders of a directory that look like jobs, even if their records cannot be read.
 *
 * @param cwd the directory, as an absolute path. @default {Deno.cwd()}
 * @returns the ids of the jobs, in the order in which they were created.
 * @throws {UsageError} when the folder of the jobs cannot be read.
 */
export function jobIds(cwd: string = Deno.cwd()): string[] {
  const ids: string[] = [];
  try {
    for (const { name, isDirectory } of Deno.readDirSync(storeOf(cwd))) {
      if (isDirectory && isJob(name, cwd)) ids.push(name);
    }
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw unreadable(storeOf(cwd), cause);
  }
  return ids.sort();
}

/**
 * Finds a job by its id, its name, or a unique part of its id. `last` selects the newest job, and a
 * name selects the newest job with that name. A folder that was renamed is found by its new name and
 * by the id in its record. Only its id selects a job whose record is damaged.
 *
 * @param called the id, the name, a unique part of the id, or `last`. @default {"last"}
 * @param cwd the directory of the job, as an absolute path. @default {Deno.cwd()}
 * @returns the job's folder.
 * @throws {UsageError} when no job matches, or `called` is part of more than one id.
 * @throws {Error} for `last`, when no job has a readable record.
 */
export function findJob(called = "last", cwd: string = Deno.cwd()): string {
  const ids = jobIds(cwd), id = ids.includes(called) ? called : search(called, ids, cwd);
  if (id !== undefined) return jobFolder(id, cwd);
  // Without a record that can be read, the reason of the newest one is thrown.
  if (ids.length > 0 && called === "last") readRecord(jobFolder(ids.at(-1)!, cwd));
  if (ids.length === 0 || called === "last") {
    throw new UsageError(
      `Cannot find a job: ${storeOf(cwd)} has no jobs, start one or go to the folder where it ` +
        "began",
      { code: "job_not_found" },
    );
  }
  throw new UsageError(`Cannot find job "${called}": dl_jobs jobs lists the jobs of this folder`, {
    code: "job_not_found",
    next: "dl_jobs jobs",
  });
}

function search(called: string, ids: readonly string[], cwd: string): string | undefined {
  if (called === "last") return newestJob(cwd);
  // An empty text is part of every id: it comes from a variable that is not set.
  if (called === "") return undefined;
  const found = ids.filter((id) => id.includes(called));
  // The start of an id is not a name, and needs no record.
  const isStart = found.length > 0 && ID_START.test(called);
  // A name such as "add" is also part of some random ids, which must not hide or replace the job.
  // Messages name a job whose folder was renamed by the id in its record.
  const isMeant = ({ name, id }: JobRecord) => name === called || id === called;
  const named = isStart ? undefined : newestJob(cwd, isMeant);
  if (named !== undefined) return named;
  if (found.length > 1) throw ambiguous(called, found);
  return found[0];
}

/** Reads the record of a job. Returns the reason when this is not possible. */
function recordOf(id: string, cwd: string): JobRecord | string {
  try {
    return readRecord(jobFolder(id, cwd));
  } catch (error) {
    return (error as Error).message;
  }
}

function unreadable(store: string, cause: unknown): UsageError {
  const way = cause instanceof Deno.errors.PermissionDenied
    ? "run dl_jobs as the owner of this folder, or go to another folder"
    : "fix this and try again";
  return new UsageError(
    `Cannot read the jobs in ${store}: ${(cause as Error).message}, ${way}`,
    { cause },
  );
}

/** The form of ids. A folder with such a name is a job, even without a record. */
const JOB_ID = /^\d{8}T\d{6}-/;
/** The date of an id, and the hour or more. */
const ID_START = /^\d{8}T\d/;

function isJob(name: string, cwd: string): boolean {
  return JOB_ID.test(name) || exists(jobFiles(jobFolder(name, cwd)).record);
}

/** The largest number of ids in an error. */
const MOST_IDS = 5;

function ambiguous(called: string, found: readonly string[]): UsageError {
  const newest = found.slice(-MOST_IDS).join(", ");
  const ids = found.length > MOST_IDS
    ? `${found.length} ids, such as ${newest}`
    : `the ids ${newest}`;
  return new UsageError(
    `Cannot choose a job: "${called}" is part of ${ids}; type more of the id`,
    { code: "job_ambiguous", next: "dl_jobs jobs" },
  );
}
