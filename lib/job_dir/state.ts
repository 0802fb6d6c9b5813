/**
 * The state of a job and its counts, from its record, its lock and its journal.
 *
 * @module
 */

import { JournalState } from "../journal/state.ts";
import { countLines, exists } from "../util/fs.ts";
import { jobFiles } from "./layout.ts";
import { type Holder, holderOf } from "./lock.ts";
import type { JobCounts, JobRecord } from "./record.ts";

/** The state of a job. An interrupted job has neither ended nor a process that runs it. */
export type JobState = "running" | "interrupted" | "succeeded" | "failed" | "canceled";

/**
 * Reads the state of a job and its counts. The record has both once the job has ended; before, the
 * counts come from the journal.
 *
 * @param folder the job's folder
 * @param record the job's record
 * @returns the state, the counts, and the process that runs the job.
 */
export async function readState(
  folder: string,
  record: JobRecord,
): Promise<{ state: JobState; counts: JobCounts; holder?: Holder }> {
  const holder = holderOf(folder);
  if (!holder && record.state && record.counts) {
    return { state: record.state, counts: record.counts };
  }
  const counts = await countEvents(folder, record.length);
  return holder ? { state: "running", counts, holder } : { state: "interrupted", counts };
}

async function countEvents(folder: string, length = 0): Promise<JobCounts> {
  const { events, tasks } = jobFiles(folder);
  const { succeeded, failed } = await readJournalIfThere(events);
  return { total: Math.max(length, countLines(tasks)), succeeded, failed };
}

async function readJournalIfThere(path: string): Promise<JournalState> {
  return exists(path) && Deno.statSync(path).size > 0
    ? await JournalState.read(path)
    : new JournalState();
}
