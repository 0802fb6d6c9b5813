/**
 * The folders of jobs, `.dl_jobs/<job id>/`: what was asked, and who has the job in hand.
 *
 * @module
 */

import type { Location } from "./locate.ts";
import type { Config } from "./config.ts";
import { UsageError } from "./errors.ts";
import { JournalState } from "./journal.ts";

/** Where a job's list comes from, so that a resumed job can read on. */
export type ListSource =
  | {
    readonly kind: "file";
    readonly path: string;
    readonly size: number;
    readonly modified: number;
  }
  | { readonly kind: "number"; readonly length: number }
  /** What a run method makes is made again by calling it again. */
  | {
    readonly kind: "method";
    readonly method: string;
    readonly args: readonly unknown[];
    readonly kwargs: Readonly<Record<string, unknown>>;
    /** The options as flags gave them: its module, and what it is called with, come from them. */
    readonly flags: Readonly<Record<string, unknown>>;
    /** Which of the jobs that the method returned this is, from 0. */
    readonly index: number;
  }
  /** What stdin or a program gave is gone when its reader is. */
  | { readonly kind: "stream" };

/** How many tasks are where. */
export interface JobCounts {
  /** How many have been read of the list. */
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
}

/** What travels with a function to where there is nothing of this machine. */
export interface Shipment {
  /** Python modules, by the names that they are imported by. */
  readonly modules: readonly string[];
  /** What is installed there, as a list or the path of a file. */
  readonly requirements: readonly string[] | string;
  /** Files, as paths or patterns. */
  readonly data: readonly string[];
}

/** `job.json`: what was asked, and how it ended. */
export interface JobRecord {
  readonly id: string;
  readonly name: string;
  /** The function, or the word for one that has no module. */
  readonly function: Location | "function";
  /** A hash of the code that runs. */
  readonly code: string;
  readonly engine: Config["engine"];
  readonly options: Config;
  readonly source: ListSource;
  /** What travels with the function. */
  readonly ship?: Shipment;
  /** How long the list is, when that was known before it was read. */
  readonly length?: number;
  readonly started: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly files: { readonly results?: string; readonly errors?: string };
  /** Whether the whole list has been read. */
  readonly isRead?: boolean;
  readonly ended?: string;
  readonly state?: "succeeded" | "failed" | "canceled";
  readonly counts?: JobCounts;
}

/** Where jobs lie in a folder. */
export const STORE = ".dl_jobs";

/** How a job stands. */
export type JobState = "running" | "interrupted" | "succeeded" | "failed" | "canceled";

/** Who has a job in hand. */
export interface Holder {
  readonly pid: number;
  /** The machine that the process runs on. */
  readonly host: string;
  readonly since: string;
}

/** All jobs of a folder, the newest last. */
export async function listJobs(cwd?: string): Promise<string[]> {
  return await Promise.try(() => listJobsSync(cwd));
}

/** The same, for what is shown at once. */
export function listJobsSync(cwd: string = Deno.cwd()): string[] {
  const ids: string[] = [];
  try {
    for (const { name, isDirectory } of Deno.readDirSync(`${cwd}/${STORE}`)) {
      if (isDirectory && isThere(`${cwd}/${STORE}/${name}/job.json`)) ids.push(name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return ids.sort();
}

/**
 * The folder of a job that is called by its id, a unique part of it, its name, or `last`.
 *
 * @throws {UsageError} when there is none, or more than one.
 */
export async function findJob(called?: string, cwd?: string): Promise<string> {
  return await Promise.try(() => findJobSync(called, cwd));
}

/** The same, for what is shown at once. */
export function findJobSync(called = "last", cwd: string = Deno.cwd()): string {
  const ids = listJobsSync(cwd);
  const folder = (id: string) => `${cwd}/${STORE}/${id}`;
  if (ids.length === 0) {
    throw new UsageError(`Cannot find a job: there are none in ${cwd}/${STORE}`);
  }
  if (called === "last") return folder(ids.at(-1)!);
  const found = ids.includes(called) ? [called] : ids.filter((id) => id.includes(called));
  if (found.length === 1) return folder(found[0]!);
  if (found.length > 1) throw new UsageError(manyJobs(called, found));
  const named = ids.map(folder).filter((folder) => readRecordSync(folder).name === called);
  if (named.length > 0) return named.at(-1)!;
  throw new UsageError(`Cannot find job "${called}": dl_jobs jobs lists those that there are`);
}

/** Reads what was asked of a job. */
export async function readRecord(folder: string): Promise<JobRecord> {
  return JSON.parse(await Deno.readTextFile(`${folder}/job.json`));
}

/** The same, for what is shown at once. */
export function readRecordSync(folder: string): JobRecord {
  return JSON.parse(Deno.readTextFileSync(`${folder}/job.json`));
}

/** Written aside and renamed, so that a reader never sees a part of it. */
export function writeRecord(folder: string, record: JobRecord): void {
  const path = `${folder}/job.json`;
  Deno.writeTextFileSync(`${path}.new`, JSON.stringify(record, null, 2) + "\n");
  Deno.renameSync(`${path}.new`, path);
}

/** How a job stands, and how far it is. */
export async function readState(
  folder: string,
  record: JobRecord,
): Promise<{ state: JobState; counts: JobCounts; holder?: Holder }> {
  const holder = holderOf(folder);
  if (!holder && record.state && record.counts) {
    return { state: record.state, counts: record.counts };
  }
  const journal = await readJournalIfThere(`${folder}/events.ndjson`);
  const total = Math.max(record.length ?? 0, countLines(`${folder}/tasks.ndjson`));
  const counts = { total, succeeded: journal.succeeded, failed: journal.failed };
  return holder ? { state: "running", counts, holder } : { state: "interrupted", counts };
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
  if (!isThere(`${folder}/lock`)) return undefined;
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

function manyJobs(called: string, found: readonly string[]): string {
  return `Cannot tell which job "${called}" is: ${found.slice(-5).join(", ")} are called so`;
}

/** Whether there is such a file or folder. */
export function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

async function readJournalIfThere(path: string): Promise<JournalState> {
  return isThere(path) && Deno.statSync(path).size > 0
    ? await JournalState.read(path)
    : new JournalState();
}

/** How many whole lines a file has. */
export function countLines(path: string): number {
  if (!isThere(path)) return 0;
  using file = Deno.openSync(path);
  const buffer = new Uint8Array(256 * 1024);
  let count = 0;
  for (let read = file.readSync(buffer); read !== null; read = file.readSync(buffer)) {
    const part = buffer.subarray(0, read);
    for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) count++;
  }
  return count;
}
