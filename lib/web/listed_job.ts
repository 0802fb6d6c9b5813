/**
 * A job as the list of jobs shows it.
 *
 * @module
 */

import { holderOf } from "../job_dir/lock.ts";
import { type JobCounts, type JobRecord, readRecord } from "../job_dir/record.ts";
import type { JobState } from "../job_dir/state.ts";
import type { ListedJob } from "./protocol.ts";

/** The record of a job, and its current state. */
export interface RecordedJob {
  /** The record. */
  readonly record: JobRecord;
  /** The state; a job whose controller died is `interrupted`. */
  readonly state: JobState;
}

/** Reads the record and the state of a job. */
export function readRecordedJob(folder: string): RecordedJob {
  // The lock is checked first: a controller writes the final state before it releases the lock.
  const isHeld = holderOf(folder) !== undefined;
  const record = readRecord(folder);
  return { record, state: isHeld ? "running" : record.state ?? "interrupted" };
}

/**
 * Returns a job as it is listed.
 *
 * @param counts the counts of its journal; those of the record are used when the job has ended
 */
export function listedJob({ record, state }: RecordedJob, counts: JobCounts): ListedJob {
  const { id, name, engine, function: location, started, ended } = record;
  const isOver = state !== "running" && state !== "interrupted";
  const { total, succeeded, failed } = isOver && record.counts || counts;
  return {
    id,
    name,
    state,
    engine,
    function: functionText(location),
    total,
    succeeded,
    failed,
    started,
    ended: isOver ? ended : undefined,
  };
}

function functionText(location: JobRecord["function"]): string {
  return typeof location === "string" ? location : `${location.module}#${location.method}`;
}
