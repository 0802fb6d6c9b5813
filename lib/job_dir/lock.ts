/**
 * The right to write a job.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { exists } from "../util/fs.ts";

/** Who has a job in hand. */
export interface Holder {
  readonly pid: number;
  /** The machine that the process runs on. */
  readonly host: string;
  readonly since: string;
}

/** The right to write a job, as long as it is held. */
export class JobLock implements Disposable {
  #file: Deno.FsFile;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /**
   * Takes the right to write a job. The kernel gives it back however this process ends.
   *
   * @throws {UsageError} when another process has it, with its pid.
   */
  static async take(folder: string): Promise<JobLock> {
    const file = openLock(folder);
    if (!await lock(file)) {
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

/** Who has a job in hand, if anybody has. */
export function holderOf(folder: string): Holder | undefined {
  if (!exists(`${folder}/lock`)) return undefined;
  using file = openLock(folder);
  return file.tryLockSync(true) ? undefined : readHolder(folder);
}

function openLock(folder: string): Deno.FsFile {
  return Deno.openSync(`${folder}/lock`, { read: true, write: true, create: true });
}

// Somebody who only looks has it for a moment.
async function lock(file: Deno.FsFile): Promise<boolean> {
  for (let tries = 0; tries < 10; tries++) {
    if (file.tryLockSync(true)) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}

function readHolder(folder: string): Holder {
  try {
    return JSON.parse(Deno.readTextFileSync(`${folder}/lock`));
  } catch {
    // It has just taken the lock, and not yet said its name.
    return { pid: 0, host: "", since: new Date().toISOString() };
  }
}

function heldBy(folder: string): string {
  const { pid, since } = readHolder(folder);
  const id = folder.slice(folder.lastIndexOf("/") + 1);
  return `Cannot take job ${id}: process ${pid} has had it since ${since}, wait for it or ` +
    `end it with dl_jobs cancel ${id}`;
}
