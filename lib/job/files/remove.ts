/**
 * Removes jobs with everything that they have on this machine and on others.
 *
 * @module
 */

import { ENGINES } from "../../config/options.ts";
import { type EngineName, loadEngine } from "../../engines/mod.ts";
import { directoryOf, engineFolder, jobFiles, jobIdOf, storeOf } from "../../job_dir/layout.ts";
import { type Holder, holderOf, JobLock } from "../../job_dir/lock.ts";
import { type JobRecord, readRecord } from "../../job_dir/record.ts";
import { codeOf, UsageError } from "../../util/errors.ts";
import { exists, makePrivateFolder } from "../../util/files/fs.ts";
import { checkTrusted } from "../../util/files/trust.ts";
import { isCopy } from "./copied_job.ts";

/** Options of {@linkcode deleteJob}. */
export interface RemoveOptions {
  /**
   * True to remove a job whose tasks on other machines cannot be ended, or of a later version of the
   * library. @default {false}
   */
  readonly isForced?: boolean | undefined;
  /** Receives what remains on other machines, as sentences. */
  readonly warn: (text: string) => void;
}

/**
 * Removes the folder of a job. Ends its tasks on other machines first.
 *
 * @param folder the job's folder
 * @throws {UsageError} when the job is running, its tasks on another machine cannot be ended, or a
 * later version of the library has written it.
 * @throws {Error} when some files remain. The job is no longer listed then.
 */
export async function deleteJob(folder: string, options: RemoveOptions): Promise<void> {
  const holder = holderOf(folder);
  if (holder) throw isRunning(folder, holder);
  // The lock keeps a process from resuming the job while its tasks end and its files disappear.
  using lock = await JobLock.take(folder);
  await endFarTasks(folder, recordIn(folder, options.isForced), options);
  lock.lost.throwIfAborted();
  await removeFolder(folder);
}

/** Removes the folder of a job that this process has locked, also while files are written to it. */
export async function removeFolder(folder: string): Promise<void> {
  // The job disappears at once, even when this process is killed before all files are removed.
  await removeFiles(await moveAway(folder));
  await removeEmpty(trashOf(folder));
}

/**
 * Removes what is left of removed jobs, because a process was killed or files could not be removed.
 *
 * @param warn receives the reason when files still cannot be removed
 * @returns the ids of these jobs, and whether nothing is left of them now.
 */
export async function removeLeftovers(warn: (text: string) => void): Promise<Map<string, boolean>> {
  const trash = trashOf(`${storeOf()}/any`), ids = new Map<string, boolean>();
  // A user may have given this name to the copy of a job.
  if (!exists(trash) || exists(jobFiles(trash).record)) return ids;
  for (const { name } of Array.from(Deno.readDirSync(trash))) {
    ids.set(name, true);
    await removeFiles(`${trash}/${name}`).catch(({ message }) => {
      ids.set(name, false);
      warn(`Warning: ${message}`);
    });
  }
  await removeEmpty(trash);
  return ids;
}

/** Returns the folder for jobs that are being removed. It contains no job. */
function trashOf(folder: string): string {
  return `${storeOf(directoryOf(folder))}/removed`;
}

// Each further try needs another process that removes a job at the same moment.
const MOST_TRIES = 100;

/** Moves a job to the folder of removed jobs, and returns its path there. */
async function moveAway(folder: string): Promise<string> {
  const trash = trashOf(folder), path = `${trash}/${jobIdOf(folder)}`;
  for (let tries = 1;; tries++) {
    try {
      makePrivateFolder(trash);
      await Deno.rename(folder, path);
      return path;
    } catch (error) {
      // Another process may have created or removed the empty folder in between.
      const { AlreadyExists, NotFound } = Deno.errors;
      const isRace = error instanceof NotFound || error instanceof AlreadyExists;
      if (!isRace || tries === MOST_TRIES) throw error;
    }
  }
}

async function removeFiles(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    const { message } = error as Error;
    // Another process is removing the same files.
    if (error instanceof Deno.errors.NotFound || /not empty/.test(message)) return;
    const id = jobIdOf(path);
    throw new Error(
      `Cannot remove all files of job ${id}: ${message}; remove the rest by hand, or fix this and ` +
        `run dl_jobs rm ${id} again`,
      { cause: error },
    );
  }
}

async function removeEmpty(trash: string): Promise<void> {
  try {
    await Deno.remove(trash);
  } catch {
    // It contains what is left of another job, or another process has removed it.
  }
}

async function endFarTasks(
  folder: string,
  record: JobRecord | undefined,
  { isForced, warn }: RemoveOptions,
): Promise<void> {
  const id = jobIdOf(folder);
  const engines = ENGINES.filter((name) => exists(engineFolder(folder, name)));
  // The tasks belong to the original, which still needs them.
  if (engines.length === 0 || record && isCopy(folder, record)) return;
  for (const name of engines.filter((name) => mayHaveTasks(name, record))) {
    try {
      // The record has the command with which its engine is asked.
      checkTrusted(jobFiles(folder).record);
      await (await loadEngine(name)).cancel?.(folder);
    } catch (error) {
      const reason = (error as Error).message;
      if (!isForced) throw notEnded(id, name, reason);
      warn(`Warning: tasks of job ${id} may still run on ${name}: ${reason}`);
    }
  }
  if (engines.includes("compute")) warn(`The functions of job ${id} stay on the platform`);
}

function recordIn(folder: string, isForced = false): JobRecord | undefined {
  try {
    return readRecord(folder);
  } catch (error) {
    // The list shows such a job as damaged, although it is not.
    if (!isForced && codeOf(error) === "job_newer") {
      throw new UsageError(`${(error as Error).message}, or remove it with --force`, {
        code: "job_newer",
      });
    }
    // A damaged job can be removed, too.
    return undefined;
  }
}

/**
 * Returns true when tasks of a job may run on an engine. A scheduler has no tasks of a job that ended,
 * but a host that was lost at the end still has files.
 */
function mayHaveTasks(name: EngineName, record: JobRecord | undefined): boolean {
  const isOver = record?.state === "succeeded" || record?.state === "failed";
  return !isOver || name === "ssh" || name === "kubernetes";
}

function isRunning(folder: string, { pid, host }: Holder): UsageError {
  const id = jobIdOf(folder), where = host === Deno.hostname() ? "" : ` on ${host}`;
  return new UsageError(
    `Cannot remove job ${id}: process ${pid}${where} is running it, end it first with dl_jobs cancel ` +
      id,
    { code: "job_running", next: `dl_jobs cancel ${id}` },
  );
}

function notEnded(id: string, engine: string, reason: string): UsageError {
  return new UsageError(
    `Cannot remove job ${id}: its tasks on ${engine} cannot be ended (${reason}), fix this, or ` +
      "remove the job with --force and leave them",
  );
}
