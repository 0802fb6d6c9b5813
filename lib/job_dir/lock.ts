/**
 * The lock of a job, which allows only one process at a time to write to the job's folder.
 *
 * The kernel manages the lock (`flock`) and releases it however the process ends. The lock file
 * contains the pid and the host of the process for other processes to read.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { exists, PRIVATE_FILE } from "../util/fs.ts";
import { jobFiles, jobIdOf } from "./layout.ts";

/** The process that holds the lock of a job. */
export interface Holder {
  /** The process id; 0 until the process has written its id to the file. */
  readonly pid: number;
  /** The machine that the process runs on. */
  readonly host: string;
  /** The time when the process took the lock, as ISO 8601 text. */
  readonly since: string;
}

// `holderOf()` in another process takes the lock briefly, so a failed attempt is repeated.
const TRIES = 10, WAIT_MS = 10;

/** The lock of a job. Disposing of the object releases the lock. */
export class JobLock implements Disposable {
  #file: Deno.FsFile;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /**
   * Takes the lock of a job.
   *
   * @param folder the job's folder
   * @returns the lock, which the kernel releases however this process ends.
   * @throws {UsageError} when another process has the lock. The message contains its pid.
   */
  static async take(folder: string): Promise<JobLock> {
    const file = openLock(folder);
    if (!await tryLock(file)) {
      file.close();
      throw new UsageError(heldBy(folder));
    }
    const holder: Holder = {
      pid: Deno.pid,
      host: Deno.hostname(),
      since: new Date().toISOString(),
    };
    file.truncateSync();
    file.writeSync(new TextEncoder().encode(JSON.stringify(holder) + "\n"));
    return new JobLock(file);
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/**
 * Returns the process that is running a job.
 *
 * @param folder the job's folder
 * @returns the holder of the lock, or `undefined` when the lock is free.
 */
export function holderOf(folder: string): Holder | undefined {
  if (!exists(jobFiles(folder).lock)) return undefined;
  using file = openLock(folder);
  return file.tryLockSync(true) ? undefined : readHolder(folder);
}

function openLock(folder: string): Deno.FsFile {
  const options = { read: true, write: true, create: true, mode: PRIVATE_FILE };
  return Deno.openSync(jobFiles(folder).lock, options);
}

async function tryLock(file: Deno.FsFile): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries++) {
    if (file.tryLockSync(true)) return true;
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
  return false;
}

function readHolder(folder: string): Holder {
  try {
    return JSON.parse(Deno.readTextFileSync(jobFiles(folder).lock));
  } catch {
    // The process has the lock, but has not written the file yet.
    return { pid: 0, host: "", since: new Date().toISOString() };
  }
}

function heldBy(folder: string): string {
  const { pid, since } = readHolder(folder), id = jobIdOf(folder);
  return `Cannot lock job ${id}: process ${pid} has been running it since ${since}, ` +
    `wait for it or end it with dl_jobs cancel ${id}`;
}
