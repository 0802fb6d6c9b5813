/**
 * The lock of a job, which allows only one process at a time to write to the job's folder.
 *
 * The kernel manages the lock (`flock`) and releases it however the process ends. The process locks
 * the file `lock` and also the folder, because the file can be removed. The file contains the pid
 * and the host of the process for other processes to read. On a file system without `flock`, the
 * file `lock.held` is the lock (`_held_file.ts`).
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { exists, isOutOfFiles, PRIVATE_FILE } from "../util/files/fs.ts";
import { startLightInterval } from "../util/time/light_timer.ts";
import { isLockedPath, tryLock } from "../util/files/optional_calls.ts";
import { pidSpace } from "../util/process/pid_space.ts";
import { HeldFile, type Holder, readHeldFile } from "./_held_file.ts";
import { jobFiles, jobIdOf } from "./layout.ts";

export type { Holder };

/** The content of the file. */
interface LockText extends Holder {
  /** The processes among which the pid is valid. @default {unknown} */
  readonly space?: string | undefined;
}

// `holderOf()` in another process takes the lock briefly, so a failed attempt is repeated.
const TRIES = 10, WAIT_MS = 10;
/** The interval between checks that the lock is still this process's own, in milliseconds. */
const CHECK_MS = 1000;

/** The lock of a job. Disposing of the object releases the lock. */
export class JobLock implements Disposable {
  #folder: string;
  #file: Deno.FsFile;
  #text: string;
  #held: HeldFile | undefined;
  #lost = new AbortController();
  /**
   * Aborted when this process no longer has the lock, because the file was removed or another
   * process has taken it. This process must then write nothing more to the job's folder.
   */
  readonly lost: AbortSignal = this.#lost.signal;
  #stack = new DisposableStack();

  private constructor(folder: string) {
    const holder = { pid: Deno.pid, host: Deno.hostname(), since: new Date().toISOString() };
    this.#folder = folder;
    this.#text = JSON.stringify({ ...holder, space: pidSpace() } satisfies LockText) + "\n";
    this.#file = this.#stack.use(openLock(folder));
  }

  /**
   * Takes the lock of a job.
   *
   * @param folder the job's folder
   * @returns the lock, which the kernel releases however this process ends.
   * @throws {UsageError} when another process has the lock, whose pid the message contains, or when
   * the folder was removed.
   * @throws {Error} when the file of the lock cannot be written, as by another user.
   */
  static async take(folder: string): Promise<JobLock> {
    let lock: JobLock | undefined;
    try {
      lock = new JobLock(folder);
      if (!await lock.#take()) throw isHeld(folder);
      lock.#watch();
      return lock;
    } catch (error) {
      lock?.[Symbol.dispose]();
      throw error instanceof UsageError ? error : notLocked(folder, error as Error);
    }
  }

  /** This process, as other processes read it from the lock. */
  get holder(): Holder {
    return JSON.parse(this.#text);
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  async #take(): Promise<boolean> {
    const path = heldPath(this.#folder);
    const isLocked = await tryOften(this.#file);
    if (isLocked === false || !await lockFolder(this.#folder, this.#stack)) return false;
    if (isLocked === undefined) this.#held = HeldFile.create(path, this.#text);
    if (this.#held) this.#stack.use(this.#held);
    // Another machine may use the held file, if only this one can lock the folder.
    else if (isLocked === undefined || readHeldFile(path)) return false;
    this.#file.truncateSync();
    this.#file.writeSync(new TextEncoder().encode(this.#text));
    return true;
  }

  #watch(): void {
    this.#stack.defer(startLightInterval(() => this.#check(), CHECK_MS));
  }

  #check(): void {
    if (this.lost.aborted || (this.#isOwn() && this.#held?.beat() !== false)) return;
    this.#lost.abort(lostLock(this.#folder));
  }

  #isOwn(): boolean {
    const path = jobFiles(this.#folder).lock;
    try {
      const { dev, ino } = Deno.statSync(path), own = this.#file.statSync();
      return dev === own.dev && ino === own.ino && Deno.readTextFileSync(path) === this.#text;
    } catch (error) {
      // Such a file may be as it was: the next check tells.
      return isOutOfFiles(error);
    }
  }
}

/**
 * Returns the process that is running a job. Writes nothing, so the folder may be read-only.
 *
 * @param folder the job's folder
 * @returns the holder of the lock, or `undefined` when the lock is free.
 */
export function holderOf(folder: string): Holder | undefined {
  const { lock } = jobFiles(folder);
  const isLocked = isLockedPath(exists(lock) ? lock : folder);
  return isLocked ? lastHolder(folder) : readHeldFile(heldPath(folder));
}

/**
 * Returns true when the pid of a holder names its process here. On another machine, and in another
 * container, also one with the same host name, it may name another process.
 */
export function isPidHere(folder: string, { host }: Holder): boolean {
  const { space } = readText(folder), own = pidSpace();
  return host === Deno.hostname() && (!space || own === "" || space === own);
}

function openLock(folder: string): Deno.FsFile {
  const options = { read: true, write: true, create: true, mode: PRIVATE_FILE };
  try {
    return Deno.openSync(jobFiles(folder).lock, options);
  } catch (cause) {
    throw cause instanceof Deno.errors.NotFound ? isRemoved(folder, cause) : cause;
  }
}

async function tryOften(file: Deno.FsFile): Promise<boolean | undefined> {
  for (let tries = 0; tries < TRIES; tries++) {
    const isLocked = tryLock(file);
    if (isLocked !== false) return isLocked;
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
  return false;
}

/**
 * Locks a folder until the stack is disposed of. Returns false when another process has the lock.
 * Network file systems cannot lock folders, which is accepted.
 */
async function lockFolder(path: string, stack: DisposableStack): Promise<boolean> {
  if (Deno.build.os === "windows") return true;
  try {
    return await tryOften(stack.use(Deno.openSync(path))) !== false;
  } catch {
    return true;
  }
}

function heldPath(folder: string): string {
  return `${jobFiles(folder).lock}.held`;
}

/**
 * Returns the process that has run a job last, also when it has ended. The pid is 0 when it is
 * unknown.
 */
export function lastHolder(folder: string): Holder {
  const { pid, host, since } = readText(folder);
  return { pid, host, since };
}

function readText(folder: string): LockText {
  try {
    return JSON.parse(Deno.readTextFileSync(jobFiles(folder).lock));
  } catch {
    // The process has the lock, but has not written the file yet, or the file was removed.
    return { pid: 0, host: "", since: new Date().toISOString() };
  }
}

function isHeld(folder: string): UsageError {
  const { pid, since } = lastHolder(folder), id = jobIdOf(folder);
  return new UsageError(
    `Cannot lock job ${id}: process ${pid} has been running it since ${since}, ` +
      `wait for it or end it with dl_jobs cancel ${id}`,
    { code: "job_running", next: `dl_jobs cancel ${id}` },
  );
}

function notLocked(folder: string, cause: Error): Error {
  const way = cause instanceof Deno.errors.PermissionDenied
    ? "run dl_jobs as the owner of the job"
    : "fix this and try again";
  return new Error(`Cannot lock job ${jobIdOf(folder)}: ${cause.message}, ${way}`, { cause });
}

function isRemoved(folder: string, cause: Error): UsageError {
  return new UsageError(
    `Cannot lock job ${jobIdOf(folder)}: its folder ${folder} was removed, ` +
      "dl_jobs jobs lists the jobs that there are",
    { cause, code: "job_not_found", next: "dl_jobs jobs" },
  );
}

function lostLock(folder: string): Error {
  const id = jobIdOf(folder), { pid, host } = lastHolder(folder);
  const taken = pid > 0 && pid !== Deno.pid ? `process ${pid} on ${host} has taken it` : "";
  return new Error(
    `Cannot continue job ${id}: its lock file was changed or removed${taken && `, ${taken}`}; ` +
      `dl_jobs resume ${id} runs the rest`,
  );
}
