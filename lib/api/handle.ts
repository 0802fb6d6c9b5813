/**
 * A job by its folder: it may have run last week, or run now in another process.
 *
 * @module
 */

import { INSPECT } from "../job/format.ts";
import { jobFiles, jobIdOf } from "../job_dir/layout.ts";
import { holderOf } from "../job_dir/lock.ts";
import { type JobCounts, type JobRecord, readRecord } from "../job_dir/record.ts";
import type { JobState } from "../job_dir/state.ts";
import { findJob } from "../job_dir/find.ts";
import { parseResults, wholeEnd } from "../journal/scan.ts";
import { JournalState } from "../journal/state.ts";
import { progressLine } from "../terminal/progress_line.ts";
import { UsageError } from "../util/errors.ts";
import { countLines } from "../util/fs.ts";
import { Job, Run } from "./job.ts";

/** What a job can be called: its id or a unique part of it, its name, `last`, or what started it. */
export type JobLike<T = unknown> = string | Job<T> | Run<T> | Handle;

/** A job that is kept in its folder. It says how it stands whenever it is looked at. */
export class Handle {
  /** A handle of the job in a folder. */
  constructor(readonly folder: string) {}

  /** What it is found by in another session. */
  get id(): string {
    return jobIdOf(this.folder);
  }

  /** What was asked, and how it ended. */
  get record(): JobRecord {
    return readRecord(this.folder);
  }

  /** How it stands. */
  get state(): JobState {
    if (holderOf(this.folder)) return "running";
    return this.record.state ?? "interrupted";
  }

  /** How many tasks are where. */
  get counts(): JobCounts {
    const { counts, length = 0 } = this.record;
    if (counts && !holderOf(this.folder)) return counts;
    const journal = new JournalState();
    journal.add(readEvents(this.folder));
    const { succeeded, failed } = journal;
    return {
      total: Math.max(length, countLines(jobFiles(this.folder).tasks)),
      succeeded,
      failed,
    };
  }

  /** @ignore */
  [INSPECT](): string {
    const { id, state, record: { name, engine, started, files } } = this;
    const { total, succeeded, failed } = this.counts;
    const counts = { read: total, total, succeeded, failed, retried: 0 };
    const ms = Date.now() - Date.parse(started);
    const paths = Object.entries(files).map(([key, path]) => `  ${key.padEnd(8)}${path}`);
    return [
      `${name}: job ${id} on ${engine}, ${state}`,
      state === "running"
        ? `  ${progressLine(counts, ms)}`
        : `  ${succeeded} of ${total} succeeded, ${failed} failed`,
      ...paths,
    ].join("\n");
  }
}

/** The handle of what a job is called. */
export function handleOf(what: JobLike = "last"): Handle {
  if (typeof what === "string") return new Handle(findJob(what));
  if (what instanceof Handle) return what;
  if (what instanceof Run) return new Handle(folderOf(what));
  if (Job.isJob(what)) return handleOf(started(what));
  throw notFound(what);
}

const starts = new WeakMap<Job, Run | Handle>();

/** Takes note of how a job was started: the last time counts. */
export function noteStart(job: Job, how: Run | Handle): void {
  starts.set(job, how);
}

/** How a job was started. */
export function started(job: Job): Run | Handle {
  const start = starts.get(job);
  if (start) return start;
  throw new UsageError(
    `Cannot find what became of job ${job.name}: it was not started, write local(job) or ` +
      "await submit(job)",
  );
}

function folderOf({ sight: { folder } }: Run): string {
  if (folder !== undefined) return folder;
  throw new UsageError("Cannot find the job of this run yet: it is starting, await it");
}

function notFound(what: unknown): UsageError {
  const way = what instanceof Promise ? "await it first" : "give an id, a job, a run or a handle";
  return new UsageError(`Cannot find the job of ${Deno.inspect(what)}: ${way}`);
}

/** Some of the results of a job, those of the first tasks that are there. */
export function firstResults(folder: string, count: number): unknown[] {
  const found = parseResults(readEvents(folder, GLANCE_BYTES));
  return found.sort((a, b) => a.id - b.id).slice(0, count).map(({ result }) => result);
}

const GLANCE_BYTES = 1024 * 1024;

/** The whole events at the beginning of a job's journal. */
function readEvents(folder: string, most = Infinity): Uint8Array {
  using file = Deno.openSync(jobFiles(folder).events);
  const bytes = new Uint8Array(Math.min(file.statSync().size, most));
  const read = bytes.subarray(0, file.readSync(bytes) ?? 0);
  const events = read.subarray(read.indexOf(NEWLINE) + 1);
  return events.subarray(0, wholeEnd(events));
}

const NEWLINE = 10;
