/**
 * Creates the folder of a new job.
 *
 * @module
 */

import { directoryOf, jobIdOf, storeOf } from "../../job_dir/layout.ts";
import { JobLock } from "../../job_dir/lock.ts";
import { programFile, writeRecord } from "../../job_dir/record.ts";
import { UsageError } from "../../util/errors.ts";
import { exists, makePrivateFolder, PRIVATE_FILE, writeAtomic } from "../../util/files/fs.ts";
import { syncFolder } from "../../util/files/optional_calls.ts";
import { writeGlobCopies } from "../list/glob_copies.ts";
import type { RunPlan } from "../plan/plan.ts";
import { writeReducer } from "../reduce/reducer.ts";

/**
 * Creates the folder of a new job with its program and its record.
 *
 * @returns the lock of the job.
 * @throws {Error} when a file cannot be written.
 */
export async function createJob(plan: RunPlan): Promise<JobLock> {
  return await newFolder(plan.folder, async () => {
    await writeGlobCopies(plan);
    // The program is on the disk before the record, because a job without its program cannot be
    // resumed.
    addProgram(plan);
    writeRecord(plan.folder, plan.record);
  });
}

/** Adds the program to the folder of a new job. A program in the cache gets a second name there. */
export function addProgram({ folder, record, code, cachedProgram, reducer }: RunPlan): void {
  if (reducer) writeReducer(folder, reducer);
  const path = programFile(folder, record);
  try {
    if (cachedProgram !== undefined) return Deno.linkSync(cachedProgram, path);
  } catch {
    // The file system has no hard links, or another process has emptied the cache.
  }
  writeAtomic(path, code!, { sync: "file", mode: PRIVATE_FILE });
}

/**
 * Creates the folder of a job. If this fails, for example because the disk is full, no folder is
 * left.
 *
 * @param fill writes the files
 * @returns the lock of the job.
 * @throws {Error} when the folder or a file cannot be written.
 */
export async function newFolder(
  folder: string,
  fill: () => void | Promise<void>,
): Promise<JobLock> {
  const isNew = !exists(folder);
  let lock: JobLock | undefined;
  try {
    makePrivateFolder(folder);
    lock = await JobLock.take(folder);
    await fill();
    return lock;
  } catch (cause) {
    lock?.[Symbol.dispose]();
    if (isNew) await Deno.remove(folder, { recursive: true }).catch(() => {});
    throw notCreated(folder, cause as Error);
  }
}

/**
 * Waits until a job would be found after a power cut: the names in its folder, and the name of the
 * folder itself, are on the disk.
 */
export async function syncNames(folder: string): Promise<void> {
  const directory = directoryOf(folder);
  await Promise.all([folder, storeOf(directory), directory].map(syncFolder));
}

function notCreated(folder: string, error: Error): Error {
  if (error instanceof UsageError) return error;
  const { message } = error.cause instanceof Error ? error.cause : error;
  return new Error(
    `Cannot create job ${jobIdOf(folder)}: ${message}; nothing has run, fix this and start it ` +
      "again",
    { cause: error },
  );
}
