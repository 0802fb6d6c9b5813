/**
 * The folder of a job on a host, and the process that works in it.
 *
 * @module
 */

import {
  exists,
  existsOr,
  makePrivateFolder,
  PRIVATE_FILE,
  readIfThere,
  removeIfThere,
} from "../../util/files/fs.ts";
import { isLockedPath, tryLock } from "../../util/files/optional_calls.ts";
import { pidSpace } from "../../util/process/pid_space.ts";
import { sendSignal } from "../../util/process/send_signal.ts";
import { delay } from "../../util/time/delay.ts";
import { tryJson } from "../../util/try_json.ts";
import type { AttachRequest, Order } from "./protocol.ts";

/** The paths in the folder of a job on a host. */
export interface HostFiles {
  /** The folder. */
  readonly dir: string;
  /** The tasks that the host has received. */
  readonly tasks: string;
  /** The events of these tasks. */
  readonly events: string;
  /** The file that the process with the workers locks, and that tells which process this is. */
  readonly lock: string;
  /** The file that the process with the connection locks. */
  readonly attached: string;
  /** The file whose time of change tells when a controller was last connected. */
  readonly alive: string;
  /** The output of the process with the workers. */
  readonly log: string;
  /** The folder for files that tasks write. */
  readonly files: string;
  /** The working directory of tasks. */
  readonly work: string;
  /** The versions of the files that have arrived, as lines of JSON. */
  readonly received: string;
}

/**
 * Returns the paths of a job's files on a host.
 *
 * @param root the folder of dl_jobs on the host
 * @param spool the name of the job's folder
 */
export function hostFiles(root: string, spool: string): HostFiles {
  const dir = `${root}/jobs/${spool}`;
  const path = (name: string) => `${dir}/${name}`;
  return {
    dir,
    tasks: path("tasks"),
    events: path("events"),
    lock: path("lock"),
    attached: path("attached"),
    alive: path("alive"),
    log: path("log"),
    files: path("files"),
    work: path("work"),
    received: path("received"),
  };
}

/** Creates the folder of a job. */
export function makeHostFolder({ dir, work }: HostFiles): void {
  for (const path of [dir, work]) makePrivateFolder(path);
}

/** Returns the files of a request that the folder does not have, or has in another version. */
export function missingFiles(
  { dir, received }: HostFiles,
  { files, versions = {} }: Pick<AttachRequest, "files" | "versions">,
): string[] {
  const lines = readIfThere(received).split("\n");
  // The last line is not whole when the process was killed.
  const had = Object.fromEntries(
    lines.map((line) => tryJson(line) as [string, string] | undefined ?? ["", ""]),
  );
  const isOther = (file: string) => versions[file] !== undefined && had[file] !== versions[file];
  return files.filter((file) => !exists(`${dir}/${file}`) || isOther(file));
}

/** Notes the version of a file that has arrived. */
export function noteFile({ received }: HostFiles, file: string, version = ""): void {
  const line = `${JSON.stringify([file, version])}\n`;
  Deno.writeTextFileSync(received, line, { append: true, mode: PRIVATE_FILE });
}

/** Takes the lock of a file, and writes to it which process this is; `undefined` when it is held. */
export function holdFile(path: string): Deno.FsFile | undefined {
  const options = { read: true, write: true, create: true, mode: PRIVATE_FILE };
  const file = Deno.openSync(path, options);
  const isLocked = tryLock(file);
  if (isLocked === undefined) {
    throw new Error(`the file system of ${path} has no locks, set the option folder of the engine`);
  }
  if (!isLocked) {
    file.close();
    return undefined;
  }
  file.truncateSync();
  file.writeSync(new TextEncoder().encode(`${Deno.pid} ${pidSpace()}`));
  return file;
}

/** Takes the lock of a file from the process that has it, which ends. */
export async function takeOver(path: string): Promise<Deno.FsFile> {
  for (;;) {
    const file = holdFile(path);
    if (file) return file;
    // A process that is stopped, as by a debugger, does not see another signal.
    signalHolder(path, "SIGKILL");
    await delay(20);
  }
}

/**
 * Sends a signal to the process that has locked a file. Returns false when the file does not tell
 * its id, or names a process of another machine. A folder may be on several machines, which have one
 * name for `ssh`.
 */
function signalHolder(path: string, signal: Deno.Signal): boolean {
  const [text, ...space] = readIfThere(path).split(" "), pid = Number(text);
  const isHere = pid > 0 && space.join(" ") === pidSpace();
  if (isHere) sendSignal(pid, signal);
  return isHere;
}

/** Writes an order for the process with the workers. */
export function giveOrder({ dir }: HostFiles, order: Order): void {
  Deno.writeTextFileSync(`${dir}/${order}`, "", { mode: PRIVATE_FILE });
}

/** Returns true when there is an order. */
export function hasOrder({ dir }: HostFiles, order: Order): boolean {
  return existsOr(`${dir}/${order}`, false);
}

/**
 * Returns true when the machine goes away. A script on a machine that comes and goes writes this
 * file into the folder of each job, and waits until the folders are removed.
 */
export function isLeaving({ dir }: HostFiles): boolean {
  return existsOr(`${dir}/leave`, false);
}

/** Removes the orders of an earlier controller. */
export function clearOrders({ dir }: HostFiles): void {
  for (const order of ["end", "stop", "cancel"]) removeIfThere(`${dir}/${order}`);
}

/**
 * Ends the process with the workers, and removes the folder.
 *
 * @param graceMs the time in which running calls can react
 */
export async function dropFolder(files: HostFiles, graceMs: number): Promise<void> {
  const until = performance.now() + graceMs;
  if (isLockedPath(files.lock)) {
    // On a full disk, a signal arrives, and an order does not.
    if (!signalHolder(files.lock, "SIGTERM")) giveOrder(files, "cancel");
  }
  while (isLockedPath(files.lock)) {
    if (performance.now() > until) signalHolder(files.lock, "SIGKILL");
    await delay(20);
  }
  // The shell that kills the workers of a killed process may still be at work.
  for (let tries = 0; exists(files.dir); tries++) {
    try {
      Deno.removeSync(files.dir, { recursive: true });
    } catch (error) {
      if (tries === 50) throw error;
      await delay(20);
    }
  }
}
