/**
 * The types of the JSON data that the page and reports show.
 *
 * @module
 */

import type { DescribedHost } from "../engines/stream/host_report.ts";
import type { ResourceSample } from "../job_dir/resources.ts";
import type { RunningTasks } from "../job_dir/running_tasks.ts";
import type { JobRow } from "../job/inspect/jobs_table.ts";
import type { KindGroup } from "../journal/failure_groups.ts";
import type {
  EventBase,
  FailedEvent,
  FailureClass,
  LogLine,
  TaskEvent,
} from "../journal/format.ts";
import type { TaskProgress } from "../journal/task_update.ts";

/** The maximum number of jobs in the list of the page; older jobs are left out. */
export const MAX_JOBS = 500;

/** A job's entry in the list of jobs. */
export interface ListedJob extends JobRow {
  /** The engine that runs the job's tasks. */
  readonly engine: string;
  /** The engines of a job that has moved, in order. @default {it has not moved} */
  readonly engines?: readonly string[] | undefined;
  /** The function, as `module#method`, or a description when it belongs to no module. */
  readonly function: string;
  /** The time of all runs that have ended, in milliseconds; absent while the job runs. */
  readonly took?: number | undefined;
  /** The time when the job ended, in ISO 8601 format; absent while it runs or is interrupted. */
  readonly ended?: string | undefined;
}

/** A job of which there is no state to show. */
export interface AbsentJob {
  /** The job's id. */
  readonly job: string;
  /** The reason, as a sentence: the job is gone, or its files cannot be read. */
  readonly reason: string;
}

/** The state of one job. Its size is bounded, regardless of the number of tasks. */
export interface Snapshot {
  /** The job's entry in the list. */
  readonly job: ListedJob;
  /** A description of the damage of the journal or the list; `undefined` when both are sound. */
  readonly damage?: string | undefined;
  /** The fraction of the journal that has been read, from 0 to 1. */
  readonly read: number;
  /** The number of failed attempts that were retried. */
  readonly retried: number;
  /** The number of finished tasks over time. */
  readonly rate: RateSeries;
  /**
   * The histogram of durations: `times[i]` attempts took from `binEnd(i - 1)` to `binEnd(i)` ms.
   */
  readonly times: readonly number[];
  /** The times when workers were busy. */
  readonly timeline: Timeline;
  /** The failures, grouped by kind. */
  readonly failures: Failures;
  /** The slowest tasks and their durations in milliseconds, slowest first. */
  readonly slowest: readonly { readonly id: number; readonly ms: number }[];
  /** The progress of running tasks that report it, in the order of their ids. At most 20. */
  readonly running: readonly Pick<TaskProgress, "id" | "fraction" | "text">[];
  /** The machines of a running job that a stream connects. @default {none} */
  readonly hosts?: readonly DescribedHost[] | undefined;
  /** The tasks that run for longer than a second, and their workers. @default {none} */
  readonly active?: RunningTasks | undefined;
  /** The memory and the CPU use of the workers over time. @default {no samples} */
  readonly resources?: readonly ResourceSample[] | undefined;
  /**
   * The options that can change while the job runs, in the form that a user writes; absent once it has
   * ended.
   */
  readonly options?: Readonly<Record<string, string>> | undefined;
  /** The size of the job's log, in bytes. */
  readonly logBytes: number;
}

/** The number of finished tasks in equal intervals of time. */
export interface RateSeries {
  /** The start of the first interval, in milliseconds since the Unix epoch. */
  readonly from: number;
  /** The length of an interval, in milliseconds. */
  readonly step: number;
  /** The number of finished tasks in each interval; fractional where tasks are spread evenly. */
  readonly counts: readonly number[];
}

/** The times when workers were busy, since the last start of the job. */
export interface Timeline {
  /** The names of the workers. */
  readonly workers: readonly string[];
  /** The spans in which the workers were busy. */
  readonly spans: readonly TimelineSpan[];
  /** The number of workers that the timeline leaves out. */
  readonly more: number;
  /** The number of long breaks before the last start of the job, some of which may be pauses. */
  readonly earlier: number;
}

/** A span in which a worker was busy, possibly with short breaks. */
export type TimelineSpan = readonly [
  /** The index of the worker in `workers`. */
  worker: number,
  /** The start, in milliseconds since the Unix epoch. */
  from: number,
  /** The end, in milliseconds since the Unix epoch. */
  to: number,
  /** The busy time within the span, in milliseconds. */
  busy: number,
  /** The id of the first task. */
  id: number,
  /** The number of tasks. */
  count: number,
  /** The number of tasks that failed. */
  failed: number,
];

/** Failures of one kind. */
export interface FailureGroup extends Omit<KindGroup, "shape" | "examples"> {
  /** The last attempts of some of the tasks, at most 20. */
  readonly examples: readonly Pick<FailedEvent, "id" | "attempt" | "ms" | "error">[];
}

/** The failures of a job, grouped by kind. */
export interface Failures {
  /** The groups, largest first. At most 100. */
  readonly groups: readonly FailureGroup[];
  /** The number of failures in groups beyond that limit. */
  readonly more: number;
}

/** A sample of a job's results: all of them, or the first of each `n` consecutive tasks. */
export interface Sample {
  /** The results in the sample, in the order of task ids. */
  readonly rows: readonly SampleRow[];
  /** The total number of results. */
  readonly of: number;
}

/** A result in a sample. */
export interface SampleRow {
  /** The task's id. */
  readonly id: number;
  /** The number of the attempt that succeeded. @default {1} */
  readonly attempt?: number | undefined;
  /** The result. @default {it is too large for the sample} */
  readonly result?: unknown;
  /** The size in bytes of a result that is too large. @default {the sample contains the result} */
  readonly bytes?: number | undefined;
}

/** The state of a task; `open` until it has ended. */
export type TaskState = "open" | "succeeded" | "failed";

/** A selection of tasks. */
export interface TaskQuery {
  /** A state, a class of failures, or the empty text for all tasks. */
  readonly state: TaskState | FailureClass | "";
  /** A text in the arguments, in upper or lower case; the empty text for all tasks. */
  readonly text: string;
  /** The shortest duration, in milliseconds. */
  readonly least: number;
  /** The longest duration, in milliseconds. */
  readonly most: number;
  /** The order of the tasks. */
  readonly order: "id" | "slowest" | "fastest";
}

/** A task in the list of tasks. */
export interface TaskRow {
  /** The task's id. */
  readonly id: number;
  /** The state. */
  readonly state: TaskState;
  /** The class of the failure of a failed task. */
  readonly class?: FailureClass | undefined;
  /** The number of the last attempt that has ended; 0 before one has ended. */
  readonly attempt: number;
  /** The duration of that attempt in milliseconds; 0 when it is not known. */
  readonly ms: number;
  /** The start of the arguments, as JSON. */
  readonly args?: string | undefined;
  /** The start of the message of the failure. */
  readonly message?: string | undefined;
}

/** A part of the list of tasks. */
export interface TaskPage {
  /** The number of tasks of the job. */
  readonly of: number;
  /** The number of tasks that the query selects. */
  readonly found: number;
  /** The position of the first row among them. */
  readonly from: number;
  /** The rows. */
  readonly rows: readonly TaskRow[];
}

/** Another job, and the tasks that did not end as they did in it. */
export interface JobDifference {
  /** The state of the other job. */
  readonly snapshot: Snapshot;
  /** The tasks that failed in the other job, and succeeded in this one. */
  readonly better: TaskSet;
  /** The tasks that succeeded in the other job, and failed in this one. */
  readonly worse: TaskSet;
}

/** A number of tasks. */
export interface TaskSet {
  /** The number of tasks. */
  readonly count: number;
  /** The first ids, at most 100. */
  readonly ids: readonly number[];
}

/** The arguments, events and logs of one task. */
export interface TaskDetails {
  /** The task's id. */
  readonly id: number;
  /** The task's arguments as JSON; absent when the job has not read them. */
  readonly args?: string | undefined;
  /** The events of the task's attempts. */
  readonly events: readonly (TaskEvent | LongSuccess)[];
  /** The output of the task's attempts. */
  readonly logs: readonly LogLine[];
}

/** A success with a result that is too long to show. */
export interface LongSuccess extends EventBase {
  readonly type: "succeeded";
  readonly ms: number;
  /** The start of the result, as JSON. */
  readonly start: string;
  /** The length of the whole JSON, in characters. */
  readonly length: number;
}

/** The data in a report, which the page uses instead of a server. */
export interface ReportData {
  /** The time when the report was created, in ISO 8601 format. */
  readonly made: string;
  /** The state of the job. */
  readonly snapshot: Snapshot;
  /** A sample of the job's results. */
  readonly sample: Sample;
  /** The last lines of the job's log. */
  readonly logs: readonly LogLine[];
  /** The details of the slowest tasks. */
  readonly slow: readonly TaskDetails[];
  /** The arguments of the tasks that the report links to, as JSON by task id. */
  readonly args: Readonly<Record<number, string>>;
}

/** The number of histogram bins per factor of ten. */
const PER_DECADE = 10;
const LEAST_MS = 0.1;
// The last bin begins at 115 days.
const MAX_BIN = 11 * PER_DECADE;

/**
 * Returns the histogram bin of a duration in milliseconds.
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
  // The small addend keeps a duration on an edge in the upper bin despite rounding errors.
  return Math.min(MAX_BIN, Math.floor(Math.log10(ms / LEAST_MS) * PER_DECADE + 1e-9) + 1);
}

/**
 * Returns the upper edge of a histogram bin, in milliseconds. The next bin starts at this edge.
 */
export function binEnd(bin: number): number {
  return LEAST_MS * 10 ** (bin / PER_DECADE);
}
