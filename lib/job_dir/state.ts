/**
 * The state of a job and its counts.
 *
 * @module
 */

import { JournalState } from "../journal/state.ts";
import { countLines, exists } from "../util/fs.ts";
import { type Holder, holderOf } from "./lock.ts";
import type { JobCounts, JobRecord } from "./record.ts";

/** How a job stands. */
export type JobState = "running" | "interrupted" | "succeeded" | "failed" | "canceled";

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

async function readJournalIfThere(path: string): Promise<JournalState> {
  return exists(path) && Deno.statSync(path).size > 0
    ? await JournalState.read(path)
    : new JournalState();
}
