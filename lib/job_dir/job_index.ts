/**
 * The jobs of a directory that have ended, as lists show them. Reading the records of thousands of
 * jobs takes seconds, so their rows are kept in a file; each is valid while the record of its job is
 * unchanged.
 *
 * @module
 */

import { crc32Text } from "../util/bytes/crc32.ts";
import { makePrivateFolder, PRIVATE_FILE, readIfThere, writeAtomic } from "../util/files/fs.ts";
import { dirname } from "../util/paths.ts";
import { type FolderSpace, measureFolder } from "./disk_usage.ts";
import { cacheFolder, jobFiles, jobFolder, storeOf } from "./layout.ts";
import { type FileStamp, isSameStamp, stampOf } from "./stamps.ts";
import type { JobState } from "./state.ts";

/** The fields of a row that the index itself reads. */
export interface IndexedJob {
  readonly id: string;
  readonly state: JobState | "damaged";
}

/** A job in the file, with the stamp of its record, and with the space of its folder if measured. */
type KeptJob<Job> = [record: FileStamp, job: Job, folder?: number, space?: FolderSpace];

// Rows of another version may lack fields, and are read again. A new field of a row, which the caller
// defines, also needs a new version.
const VERSION = 2;
// For fewer new jobs, writing the file takes longer than reading their records again.
const LEAST_NEW = 100;

/**
 * The states of jobs that have ended. A job in one of the other states may change while its record
 * stays the same.
 */
export const ENDED_STATES: readonly IndexedJob["state"][] = ["succeeded", "failed", "canceled"];

/**
 * The ended jobs of a directory.
 *
 * @typeParam Job The type of a row.
 */
export class JobIndex<Job extends IndexedJob> {
  #path: string;
  #kept: ReadonlyMap<string, KeptJob<Job>>;
  #known = new Map<string, KeptJob<Job>>();
  #added = 0;

  /**
   * Reads the file, which may be missing or damaged.
   *
   * @param cwd the directory, as an absolute path. @default {Deno.cwd()}
   */
  constructor(readonly cwd: string = Deno.cwd()) {
    this.#path = `${cacheFolder(storeOf(cwd))}/jobs`;
    this.#kept = new Map(readKept<Job>(this.#path).map((one) => [one[1].id, one]));
  }

  /**
   * Returns a job, from the file if its record is unchanged.
   *
   * @param read reads the job; undefined when there is none
   */
  of(id: string, read: () => Job | undefined): Job | undefined {
    const stamp = stampOf(jobFiles(jobFolder(id, this.cwd)).record), kept = this.#kept.get(id);
    if (kept && isSameStamp(stamp, kept[0])) {
      this.#known.set(id, kept);
      return kept[1];
    }
    const job = read();
    if (job && ENDED_STATES.includes(job.state)) {
      this.#known.set(id, [stamp, job]);
      this.#added++;
    }
    return job;
  }

  /**
   * Returns the space of a job's folder, from the file if the job has ended and its folder has no
   * new names. A folder with other folders in it is always measured.
   */
  spaceOf(id: string): FolderSpace {
    const folder = jobFolder(id, this.cwd), known = this.#known.get(id);
    if (!known) return measureFolder(folder);
    const [, , before, kept] = known, [, now] = stampOf(folder);
    if (kept && before === now) return kept;
    const space = measureFolder(folder);
    if (space.isFlat) known.splice(2, 2, now, space);
    if (space.isFlat) this.#added++;
    return space;
  }

  /** Writes the file when it lacks many jobs. It only saves time, so an error has no effect. */
  save(): void {
    if (this.#added < LEAST_NEW) return;
    const text = JSON.stringify([...this.#known.values()]),
      options = { isContended: true, mode: PRIVATE_FILE };
    try {
      makePrivateFolder(dirname(this.#path));
      writeAtomic(this.#path, `${headOf(text)}\n${text}`, options);
    } catch {
      // The folder cannot be written.
    }
  }
}

function headOf(jobs: string): string {
  return `${VERSION} ${crc32Text(jobs)}`;
}

function readKept<Job>(path: string): readonly KeptJob<Job>[] {
  const text = readIfThere(path), end = text.indexOf("\n"), jobs = text.slice(end + 1);
  return headOf(jobs) === text.slice(0, end) ? JSON.parse(jobs) : [];
}
