/**
 * Reads the state and the counts of a job from the files in its folder.
 *
 * @module
 */

import { JournalReader } from "../journal/reader.ts";
import { JournalState } from "../journal/state.ts";
import { countLines } from "../util/fs.ts";
import { jobFiles } from "./layout.ts";
import { type Holder, holderOf } from "./lock.ts";
import type { JobCounts, JobRecord } from "./record.ts";

/**
 * The state of a job. A job is `running` while a process holds its lock, and `interrupted` when
 * that process died. A job is `canceled` when the user or the option `halt` stopped it while tasks
 * were pending, and `failed` when all tasks have ended and at least one failed.
 */
export type JobState = "running" | "interrupted" | "succeeded" | "failed" | "canceled";

/** The state of a job, its counts, and the process that runs it. */
export interface JobStatus {
  /** The state. */
  readonly state: JobState;
  /** The counts of its tasks. */
  readonly counts: JobCounts;
  /** The process that runs the job; `undefined` when the job is not running. */
  readonly holder?: Holder;
}

/**
 * Reads the state and the counts of a job. The record of a job that ended contains both. For any
 * other job, the journal is scanned.
 *
 * @param folder the job's folder.
 * @param record the job's record.
 * @returns the current state, which may change at any time while the job is running.
 * @throws {Error} when this version cannot read the journal.
 */
export function readState(folder: string, record: JobRecord): JobStatus {
  const holder = holderOf(folder);
  if (!holder && record.state && record.counts) {
    return { state: record.state, counts: record.counts };
  }
  const { succeeded, failed, end } = scanJournal(jobFiles(folder).events, record.id);
  const total = Math.max(record.length ?? 0, countLines(jobFiles(folder).tasks), end);
  const counts = { total, succeeded, failed };
  return holder ? { state: "running", counts, holder } : { state: "interrupted", counts };
}

/** Reads the tasks' states from a journal, which may be empty, incomplete or still growing. */
function scanJournal(path: string, job: string): JournalState {
  const state = new JournalState();
  for (const events of new JournalReader(path, job).all()) state.add(events);
  return state;
}
