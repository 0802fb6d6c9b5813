/**
 * Reads the state and the counts of a job from the files in its folder.
 *
 * @module
 */

import { withoutHeader } from "../journal/reader.ts";
import { repairedHead, wholeEnd } from "../journal/scan.ts";
import { JournalState } from "../journal/state.ts";
import { concatBytes, NEWLINE } from "../util/bytes.ts";
import { countLines, exists } from "../util/fs.ts";
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
  const { succeeded, failed } = scanJournal(jobFiles(folder).events);
  const total = Math.max(record.length ?? 0, countLines(jobFiles(folder).tasks));
  const counts = { total, succeeded, failed };
  return holder ? { state: "running", counts, holder } : { state: "interrupted", counts };
}

const CHUNK_BYTES = 1024 * 1024;

/** Reads the tasks' states from a journal, which may be empty, incomplete or still growing. */
function scanJournal(path: string): JournalState {
  const state = new JournalState();
  if (!exists(path)) return state;
  using file = Deno.openSync(path);
  let rest: Uint8Array = new Uint8Array(0), isFirst = true;
  for (let chunk = read(file, rest.length); chunk; chunk = read(file, rest.length)) {
    const bytes = concatBytes([rest, chunk]), end = wholeEnd(bytes);
    if (end > 0) {
      const events = bytes.subarray(0, end);
      state.add(isFirst ? withoutHeader(events, path) : events);
      isFirst = false;
    }
    rest = bytes.subarray(end);
  }
  addTorn(state, rest.subarray(0, rest.lastIndexOf(NEWLINE) + 1));
  return state;
}

// Reads at least `rest` bytes, so the total cost of joining the chunks of a large block is linear.
function read(file: Deno.FsFile, rest: number): Uint8Array | undefined {
  const buffer = new Uint8Array(Math.max(CHUNK_BYTES, rest));
  const count = file.readSync(buffer);
  return count === null ? undefined : buffer.subarray(0, count);
}

/** Adds the complete results of an incomplete result block. */
function addTorn(state: JournalState, block: Uint8Array): void {
  const mended = block.length > 0 ? repairedHead(block) : undefined;
  if (!mended) return;
  const head = new TextEncoder().encode(mended.head);
  state.add(concatBytes([head, block.subarray(head.length, mended.end)]));
}
