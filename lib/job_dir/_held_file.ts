/**
 * A lock for file systems without `flock`: a file that exists while a process holds the lock.
 *
 * The file contains the identity of its process. A process on the same machine is dead when `/proc`
 * says so. A process elsewhere is dead when the file has not been written for a minute. The time is
 * that of the file system, because the clocks of two machines may differ.
 *
 * @module
 */

import { assertNoDiskFault } from "../util/files/disk_fault.ts";
import { exists, isOutOfFiles, PRIVATE_FILE, removeIfThere } from "../util/files/fs.ts";
import { pidSpace } from "../util/process/pid_space.ts";
import { readProcessStat } from "../util/process/process_stat.ts";

/** The process that holds the lock of a job. */
export interface Holder {
  /** The process id; 0 until the process has written its id to the file. */
  readonly pid: number;
  /** The machine that the process runs on. */
  readonly host: string;
  /** The time when the process took the lock, as ISO 8601 text. */
  readonly since: string;
}

/** The time after which a file that is not written any more belongs to a dead process. */
const STALE_MS = 60_000;

/** The content of the file. */
interface HeldBy extends Holder {
  /** The machine's boot and process namespace, in which the pid is valid. */
  readonly space: string;
  /** The start of the process, because pids are reused. */
  readonly start: string;
}

/** A file that exists while this process holds a lock. */
export class HeldFile implements Disposable {
  #file: Deno.FsFile;
  #bytes: Uint8Array<ArrayBuffer>;

  private constructor(readonly path: string, file: Deno.FsFile, text: string) {
    this.#file = file;
    this.#bytes = new TextEncoder().encode(text);
    this.#file.writeSync(this.#bytes);
  }

  /**
   * Creates the file. Replaces the file of a dead process.
   *
   * @param holder the JSON of this process's `Holder`
   * @returns `undefined` when another process holds the lock.
   */
  static create(path: string, holder: string): HeldFile | undefined {
    if (isStale(path)) replaceStale(path);
    const file = createNew(path);
    const { pid, host, since }: Holder = JSON.parse(holder);
    const held: HeldBy = { pid, host, since, space: pidSpace(), start: startOf(pid) };
    return file && new HeldFile(path, file, JSON.stringify(held) + "\n");
  }

  /**
   * Shows that this process is alive.
   *
   * @returns false when the file is no longer this process's own.
   */
  beat(): boolean {
    if (this.#isOwn() === false) return false;
    try {
      this.#file.seekSync(0, Deno.SeekMode.Start);
      this.#file.writeSync(this.#bytes);
    } catch {
      // The disk is full: another beat follows, and other processes wait for it for a minute.
    }
    return true;
  }

  [Symbol.dispose](): void {
    if (this.#isOwn()) removeIfThere(this.path);
    this.#file.close();
  }

  /** Returns undefined when the file cannot be opened now. */
  #isOwn(): boolean | undefined {
    try {
      return Deno.readTextFileSync(this.path) === new TextDecoder().decode(this.#bytes);
    } catch (error) {
      return isOutOfFiles(error) ? undefined : false;
    }
  }
}

/** Returns the living process that holds a file, or `undefined` when there is none. */
export function readHeldFile(path: string): Holder | undefined {
  const held = read(path);
  if (!held || !isAlive(held, Date.now() - held.written)) return undefined;
  const { pid, host, since } = held;
  return { pid, host, since };
}

function isStale(path: string): boolean {
  const held = read(path);
  return held !== undefined && !isAlive(held, fileSystemNow(path) - held.written);
}

function isAlive({ space, start, pid }: HeldBy, age: number): boolean {
  const own = pidSpace();
  return own === "" || space !== own ? age < STALE_MS : startOf(pid) === start;
}

/** Reads the file and the time of its last write. */
function read(path: string): HeldBy & { readonly written: number } | undefined {
  try {
    const written = Deno.statSync(path).mtime!.getTime();
    return { ...parse(Deno.readTextFileSync(path)), written };
  } catch (cause) {
    assertNoDiskFault(path, cause as Error);
    return undefined;
  }
}

function parse(text: string): HeldBy {
  try {
    return JSON.parse(text);
  } catch {
    // The process has created the file, and has not written it yet.
    return { pid: 0, host: "", since: new Date().toISOString(), space: "", start: "" };
  }
}

/** Returns the time of the file system, in milliseconds since 1970. */
function fileSystemNow(path: string): number {
  const probe = `${path}.${Deno.pid}`;
  Deno.writeTextFileSync(probe, "");
  const { mtime } = Deno.statSync(probe);
  Deno.removeSync(probe);
  return mtime!.getTime();
}

/** Removes the file of a dead process. A second file lets one process at a time do this. */
function replaceStale(path: string): void {
  const guard = `${path}.stale`;
  if (exists(guard) && fileSystemNow(path) - Deno.statSync(guard).mtime!.getTime() > STALE_MS) {
    removeIfThere(guard);
  }
  const file = createNew(guard);
  if (!file) return;
  file.close();
  // Another process may have replaced the file before this one created the guard.
  if (isStale(path)) removeIfThere(path);
  removeIfThere(guard);
}

function createNew(path: string): Deno.FsFile | undefined {
  try {
    return Deno.openSync(path, { write: true, createNew: true, mode: PRIVATE_FILE });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return undefined;
    throw error;
  }
}

/** Returns the start time of a process, or an empty text when the process has ended. */
function startOf(pid: number): string {
  const stat = readProcessStat(pid);
  return !stat || stat.state === "Z" ? "" : stat.started;
}
