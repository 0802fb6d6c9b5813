/**
 * What is told of jobs to whoever shows them, as JSON.
 *
 * @module
 */

import type { JobCounts } from "../job_dir/record.ts";
import type { JobState } from "../job_dir/state.ts";
import type { LogLine, TaskError, TaskEvent } from "../journal/format.ts";

/** What a list of jobs says of each. */
export interface JobRow extends JobCounts {
  readonly id: string;
  readonly name: string;
  readonly state: JobState;
  readonly engine: string;
  /** The function: a path, a URL, or the word for one that has no module. */
  readonly function: string;
  readonly started: string;
  readonly ended?: string;
}

/** How one job stands; of bounded size, however many tasks there are. */
export interface Snapshot {
  readonly job: JobRow;
  /** Which part of the journal has been read, from 0 to 1. */
  readonly read: number;
  /** How many attempts failed and were followed by another. */
  readonly retried: number;
  readonly rate: Rate;
  /** How many tasks took how long: `times[i]` of them less than `binEnd(i)`, none is in two. */
  readonly times: readonly number[];
  readonly timeline: Timeline;
  readonly failures: Failures;
  /** The tasks that took longest, the longest first. */
  readonly slowest: readonly { readonly id: number; readonly ms: number }[];
  /** How many bytes tasks have written. */
  readonly logBytes: number;
}

/** How many tasks ended when. Times are milliseconds since 1970. */
export interface Rate {
  readonly from: number;
  /** How long a part is, in milliseconds. */
  readonly step: number;
  /** How many tasks ended in each part. */
  readonly counts: readonly number[];
}

/** Who ran what when, since the job was last begun. */
export interface Timeline {
  readonly workers: readonly string[];
  readonly spans: readonly TimelineSpan[];
  /** How many workers are left out. */
  readonly more: number;
  /** How often the job had been begun before. */
  readonly earlier: number;
}

/** A time in which a worker was busy, perhaps with short breaks. */
export type TimelineSpan = readonly [
  worker: number,
  from: number,
  to: number,
  /** How much of the time it was busy, in milliseconds. */
  busy: number,
  /** The first task, and how many there are. */
  id: number,
  count: number,
  failed: number,
];

/** Failures that say the same. */
export interface FailureGroup {
  /** The message, with `#` for numbers where these differ. */
  readonly message: string;
  readonly type: string;
  readonly class: TaskError["class"];
  readonly count: number;
  readonly examples: readonly FailureExample[];
}

/** One task that failed. */
export interface FailureExample {
  readonly id: number;
  readonly attempt: number;
  readonly ms: number;
  readonly error: TaskError;
}

/** Why tasks failed, the most frequent reason first. */
export interface Failures {
  readonly groups: readonly FailureGroup[];
  /** How many failures are in no group. */
  readonly more: number;
}

/** Some results of a job: all, or each so many-th. */
export interface Sample {
  readonly rows: readonly { readonly id: number; readonly result: unknown }[];
  /** How many results there are. */
  readonly of: number;
}

/** All that is known of one task. */
export interface TaskDetails {
  readonly id: number;
  /** Its arguments as JSON; none when they have not been read. */
  readonly args?: string;
  readonly events: readonly TaskEvent[];
  readonly logs: readonly LogLine[];
}

/** What a report holds: all that the page would ask for. */
export interface Report {
  readonly made: string;
  readonly snapshot: Snapshot;
  readonly sample: Sample;
  readonly logs: readonly LogLine[];
  /** The arguments of some tasks, as JSON. */
  readonly args: Readonly<Record<number, string>>;
}

/** How many parts there are to a power of ten of times. */
const PER_DECADE = 10;
const LEAST_MS = 0.1;
const MOST = 9 * PER_DECADE;

/**
 * Which part of the histogram a time belongs to.
 *
 * @example
 * ```ts
 * import { binEnd, binOf } from "./protocol.ts";
 *
 * const bin = binOf(12);
 * if (!(binEnd(bin - 1) <= 12 && 12 < binEnd(bin))) throw new Error(`${bin}`);
 * ```
 */
export function binOf(ms: number): number {
  if (!(ms >= LEAST_MS)) return 0;
  // What stands on an edge must not fall below it.
  return Math.min(MOST, Math.floor(Math.log10(ms / LEAST_MS) * PER_DECADE + 1e-9) + 1);
}

/** Where a part of the histogram ends, in milliseconds; it starts where the one before it ends. */
export function binEnd(bin: number): number {
  return LEAST_MS * 10 ** (bin / PER_DECADE);
}
