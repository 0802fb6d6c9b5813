/**
 * Reads a job's entry in the list of jobs.
 *
 * @module
 */

import { type JobWait, waitOf } from "../job_dir/job_wait.ts";
import { holderOf } from "../job_dir/lock.ts";
import { type JobCounts, type JobRecord, mayGoOn, readRecord } from "../job_dir/record.ts";
import type { JobState } from "../job_dir/state.ts";
import { NO_JOB_STATE } from "../job/inspect/jobs_table.ts";
import { workTime } from "../job/inspect/job_facts.ts";
import { escapeLine } from "../terminal/escape.ts";
import type { ListedJob } from "./protocol.ts";

/** A job's record and its current state. */
export interface RecordedJob {
  /** The record in the job's folder. */
  readonly record: JobRecord;
  /** The state; `interrupted` when the job's controller died. */
  readonly state: JobState;
  /** The reason that no more tasks begin in a running job. @default {they begin} */
  readonly waits?: JobWait | undefined;
}

/** Reads the record and the state of a job. */
export function readRecordedJob(folder: string): RecordedJob {
  // The lock is checked first, because a controller writes the final state before releasing the
  // lock.
  const holder = holderOf(folder), record = readRecord(folder);
  if (!holder) return { record, state: record.state ?? "interrupted" };
  return { record, state: "running", waits: waitOf(record, holder) };
}

/**
 * Returns a job's entry in the list of jobs.
 *
 * @param counts the counts from the journal, used unless the job has ended with counts in its
 * record
 */
export function listedJob({ record, state, waits }: RecordedJob, counts: JobCounts): ListedJob {
  const { id, name, engine, engines, function: location, started, ended } = record;
  const isOver = state !== "running" && state !== "interrupted";
  const { total, succeeded, failed } = isOver && record.counts || counts;
  return {
    id,
    name: escapeLine(name),
    state,
    engine,
    engines: engines?.map(({ name }) => name),
    function: escapeLine(functionText(location)),
    total,
    succeeded,
    failed,
    isPartial: mayGoOn(record, { total }) || undefined,
    started,
    took: isOver ? workTime(record, undefined) : undefined,
    waits,
    ended: isOver ? ended : undefined,
  };
}

/** Returns the entry of a job whose files cannot be read. Its id takes the place of its name. */
export function damagedJob(id: string): ListedJob {
  const none = { total: 0, succeeded: 0, failed: 0 };
  return { id, name: id, state: NO_JOB_STATE, engine: "", function: "", ...none };
}

function functionText(location: JobRecord["function"]): string {
  if (typeof location === "string") return location;
  return "command" in location
    ? location.command.join(" ")
    : `${location.module}#${location.method}`;
}
