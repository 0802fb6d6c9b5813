/**
 * Reads the state and the counts of a job from the files in its folder.
 *
 * @module
 */

import { JournalReader } from "../journal/reader.ts";
import type { JournalState } from "../journal/state.ts";
import { countLines } from "../util/files/fs.ts";
import { type JobWait, waitOf } from "./job_wait.ts";
import { jobFiles } from "./layout.ts";
import { type Holder, holderOf } from "./lock.ts";
import { type JobCounts, type JobRecord, mayGoOn } from "./record.ts";

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
  /** True when the list may have more tasks: the total is the number of those read so far. */
  readonly isPartial?: boolean | undefined;
  /** The process that runs the job; `undefined` when the job is not running. */
  readonly holder?: Holder;
  /** The reason that no more tasks begin in a running job. @default {they begin} */
  readonly waits?: JobWait | undefined;
}

/** The journal of a job, if a caller has already read it. */
export interface KnownJournal {
  /** The process that ran the job just before the journal was read. */
  readonly holder: Holder | undefined;
  /** The states of the tasks. */
  readonly states: JournalState;
}

/**
 * Reads the state and the counts of a job. The record of a job that ended contains both. For any
 * other job, the journal is scanned.
 *
 * @param folder the job's folder.
 * @param record the job's record.
 * @param known the job's journal. @default {read when it is needed}
 * @returns the current state, which may change at any time while the job is running.
 * @throws {Error} when this version cannot read the journal.
 */
export function readState(folder: string, record: JobRecord, known?: KnownJournal): JobStatus {
  const holder = known ? known.holder : holderOf(folder);
  if (!holder && record.state && record.counts) {
    return { state: record.state, counts: record.counts, ...partOf(record, record.counts) };
  }
  // The journal may be empty, incomplete or still growing.
  const { events, tasks } = jobFiles(folder);
  const { succeeded, failed, end } = known?.states ?? new JournalReader(events, record.id).states();
  const total = Math.max(record.length ?? 0, countLines(tasks), end);
  const counts = { total, succeeded, failed }, part = partOf(record, counts);
  if (!holder) return { state: "interrupted", counts, ...part };
  return { state: "running", counts, ...part, holder, waits: waitOf(record, holder) };
}

function partOf(record: JobRecord, counts: JobCounts): Pick<JobStatus, "isPartial"> {
  return mayGoOn(record, counts) ? { isPartial: true } : {};
}
