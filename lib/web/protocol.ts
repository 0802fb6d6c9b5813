/**
 * The data of jobs that the page and reports show, as JSON.
 *
 * @module
 */

import type { JobRow } from "../job/jobs_table.ts";
import type { LogLine, TaskError, TaskEvent } from "../journal/format.ts";

/** A job in the list of jobs. */
export interface ListedJob extends JobRow {
  /** The engine that runs its tasks. */
  readonly engine: string;
  /** The function: a module and a method, or the word for a function without a module. */
  readonly function: string;
  /** The time of the end, in ISO format; missing while the job runs or is interrupted. */
  readonly ended?: string | undefined;
}

/** The state of one job. Its size is bounded, whatever the number of tasks. */
export interface Snapshot {
  /** The job as in the list. */
  readonly job: ListedJob;
  /** The part of the journal that has been read, from 0 to 1. */
  readonly read: number;
  /** The number of failed attempts that another one follows. */
  readonly retried: number;
  /** The ends of tasks over time. */
  readonly rate: RateSeries;
  /** The histogram of times: `times[i]` attempts took from `binEnd(i - 1)` to `binEnd(i)`. */
  readonly times: readonly number[];
  /** The work of the workers over time. */
  readonly timeline: Timeline;
  /** The reasons of failures. */
  readonly failures: Failures;
  /** The tasks with the longest times, in milliseconds, the longest first. */
  readonly slowest: readonly { readonly id: number; readonly ms: number }[];
  /** The size of the log of tasks, in bytes. */
  readonly logBytes: number;
}

/** The numbers of tasks that ended in parts of the time. */
export interface RateSeries {
  /** The start of the first part, in milliseconds since 1970. */
  readonly from: number;
  /** The length of a part, in milliseconds. */
  readonly step: number;
  /** The number of tasks that ended in each part. */
  readonly counts: readonly number[];
}

/** The work of the workers since the last start of the job. */
export interface Timeline {
  /** The names of the workers. */
  readonly workers: readonly string[];
  /** The times in which they were busy. */
  readonly spans: readonly TimelineSpan[];
  /** The number of workers that are left out. */
  readonly more: number;
  /** The number of earlier starts of the job. */
  readonly earlier: number;
}

/** A time in which a worker was busy, perhaps with short breaks. */
export type TimelineSpan = readonly [
  /** The index of the worker. */
  worker: number,
  /** The start, in milliseconds since 1970. */
  from: number,
  /** The end, in milliseconds since 1970. */
  to: number,
  /** The busy part of the time, in milliseconds. */
  busy: number,
  /** The first task. */
  id: number,
  /** The number of tasks. */
  count: number,
  /** The number of tasks that failed. */
  failed: number,
];

/** Failures with the same message. */
export interface FailureGroup {
  /** The message, with `#` for numbers where these differ. */
  readonly message: string;
  /** The name of the error's class. */
  readonly type: string;
  /** The kind of the failures. */
  readonly class: TaskError["class"];
  /** The number of failures. */
  readonly count: number;
  /** The first of them. */
  readonly examples: readonly FailureExample[];
}

/** One task that failed. */
export interface FailureExample {
  /** The task. */
  readonly id: number;
  /** The last attempt, from 1. */
  readonly attempt: number;
  /** The time of the last attempt, in milliseconds. */
  readonly ms: number;
  /** The reason. */
  readonly error: TaskError;
}

/** The reasons of failures. */
export interface Failures {
  /** The groups, the largest first. */
  readonly groups: readonly FailureGroup[];
  /** The number of failures without a group. */
  readonly more: number;
}

/** Some results of a job: all, or every n-th. */
export interface Sample {
  /** The results in the order of the list. */
  readonly rows: readonly { readonly id: number; readonly result: unknown }[];
  /** The number of all results. */
  readonly of: number;
}

/** The arguments, events and logs of one task. */
export interface TaskDetails {
  /** The task. */
  readonly id: number;
  /** Its arguments as JSON; missing when they have not been read. */
  readonly args?: string | undefined;
  /** The events of its attempts. */
  readonly events: readonly TaskEvent[];
  /** The output of its attempts. */
  readonly logs: readonly LogLine[];
}

/** The data of a report: everything that the page would request from a server. */
export interface ReportData {
  /** The time of the report, in ISO format. */
  readonly made: string;
  /** The state of the job. */
  readonly snapshot: Snapshot;
  /** Some of its results. */
  readonly sample: Sample;
  /** The last lines of its log. */
  readonly logs: readonly LogLine[];
  /** The arguments of some tasks, as JSON. */
  readonly args: Readonly<Record<number, string>>;
}

/** The number of bins of the histogram between a time and ten times that. */
const PER_DECADE = 10;
const LEAST_MS = 0.1;
const MAX_BIN = 9 * PER_DECADE;

/**
 * Returns the bin of the histogram that a time belongs to.
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
  // A time on an edge belongs to the bin above it, whatever the logarithm's rounding.
  return Math.min(MAX_BIN, Math.floor(Math.log10(ms / LEAST_MS) * PER_DECADE + 1e-9) + 1);
}

/** Returns the end of a bin, in milliseconds; it is the start of the next bin. */
export function binEnd(bin: number): number {
  return LEAST_MS * 10 ** (bin / PER_DECADE);
}
