/**
 * The fields of the JSON that each command prints. The schemas in docs/schemas/ are generated from
 * these types.
 *
 * @module
 */

import type { Canceled } from "../job/steer/cancel.ts";
import type { DoctorFinding } from "../job/inspect/doctor.ts";
import type { CodeVersion } from "../job/inspect/job_facts.ts";
import type { RerunOutcome } from "../job/resume/rerun.ts";
import type { RunningRows } from "../job/inspect/running_rows.ts";
import type { JobEntry } from "../job/inspect/select_jobs.ts";
import type { SteerAnswer } from "../job/steer/steer.ts";
import type { CutSummary, Summary } from "../job/report/summary.ts";
import type { CommonError } from "../job/report/task_stats.ts";
import type { Finding } from "../job/inspect/finding.ts";
import type { JobWait } from "../job_dir/job_wait.ts";
import type { Holder } from "../job_dir/lock.ts";
import type { JobCounts, JobRecord } from "../job_dir/record.ts";
import type { WorkerStack } from "../job_dir/stacks.ts";
import type { JobState } from "../job_dir/state.ts";
import type { FailureClass, LogLine } from "../journal/format.ts";
import type { TaskProgress } from "../journal/task_update.ts";

/** A job of a list, with its size. */
export interface SizedJob extends JobEntry {
  /** The space that the job's folder occupies, in bytes. */
  readonly bytes: number;
}

/** The JSON of `dl_jobs jobs`. */
export interface JobsJson {
  /** The jobs, oldest first. */
  readonly jobs: readonly SizedJob[];
}

/** The JSON of `dl_jobs rm` and `dl_jobs clean`. */
export interface RemoveJson {
  /** The jobs that were removed. */
  readonly removed: readonly SizedJob[];
  /** The jobs that were selected. */
  readonly jobs: readonly SizedJob[];
  /** The space that the removal has freed, or would free, in bytes. */
  readonly bytes: number;
}

/** The JSON of `dl_jobs cancel`. */
export type CancelJson = Canceled;

/** The JSON of `dl_jobs resume` and `dl_jobs retry`. */
export type SummaryJson = Summary;

/** The JSON of `dl_jobs set`, `pause` and `continue`. */
export type SteerJson = SteerAnswer;

/** The JSON of `dl_jobs verify`. */
export interface VerifyJson {
  /** The state of each file. */
  readonly findings: readonly Finding[];
  /** The tasks that ran again. @default {none} */
  readonly rerun?: RerunOutcome & { readonly seed: number } | undefined;
}

/** The JSON of `dl_jobs logs`. With `--follow`, it is repeated, on a line for each new part. */
export interface LogsJson {
  /** The lines that the tasks wrote. */
  readonly lines: readonly LogLine[];
}

/** The JSON of `dl_jobs results`: `results`, or `errors` with `--errors`. */
export interface ResultsJson {
  /** The results. With `--with-args`, each is an object with `task`, `args` and `result`. */
  readonly results?: readonly unknown[] | undefined;
  /** The errors. */
  readonly errors?: readonly unknown[] | undefined;
}

/** The JSON of `dl_jobs doctor`. */
export interface DoctorJson {
  /** The outcome of each check. */
  readonly parts: readonly DoctorFinding[];
}

/** The JSON of `dl_jobs why`. */
export interface WhyJson {
  /** The id of the job. */
  readonly job: string;
  /** The task's position in the list, from 0. */
  readonly task: number;
  /** The place in the file of the list, such as `cities.csv:10`; known after a failure. */
  readonly place?: string | undefined;
  /** The arguments of the task, as JSON. */
  readonly args: string;
  /** The history, one sentence an event. */
  readonly history: readonly string[];
}

/** The JSON of `dl_jobs stack`. */
export interface StackJson {
  /** The id of the job. */
  readonly job: string;
  /** The workers, with the tasks that they run. */
  readonly workers: readonly WorkerStack[];
}

/** The JSON of `dl_jobs query`. */
export interface QueryJson {
  /** The rows. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** A kind of failures. */
export interface FailureKindJson {
  /** The number of the kind, for `retry --group`. */
  readonly group: number;
  /** The number of failed tasks. */
  readonly count: number;
  /** The kind of the failures. */
  readonly class: FailureClass;
  /** The name of the error's class. */
  readonly type: string;
  /** The message of the first failure. */
  readonly message: string;
  /** The place in the user's code. @default {unknown} */
  readonly frame?: string | undefined;
  /** The time of the first failure, as ISO 8601 text. @default {unknown} */
  readonly first?: string | undefined;
  /** The time of the last failure, as ISO 8601 text. @default {unknown} */
  readonly last?: string | undefined;
  /** Some of the failed tasks. */
  readonly examples: readonly {
    readonly task: number;
    /** The place in the file of the list, such as `cities.csv:10`. @default {unknown} */
    readonly place?: string | undefined;
    /** The machine that ran the attempt. @default {this machine, or unknown} */
    readonly host?: string | undefined;
    readonly attempt: number;
    readonly ms: number;
    /** The arguments, as JSON. */
    readonly args?: string | undefined;
    readonly message: string;
    readonly stack?: string | undefined;
  }[];
}

/** The JSON of `dl_jobs errors`. */
export interface ErrorsJson {
  /** The id of the job. */
  readonly job: string;
  /** The kinds of failures, the most common first. */
  readonly groups: readonly FailureKindJson[];
  /** The number of failed tasks of other kinds. */
  readonly more: number;
}

/** The progress of a running task, in JSON. */
export type RunningTaskJson = Omit<TaskProgress, "type">;

/** The JSON of `dl_jobs status`. */
export interface StatusJson
  extends Pick<JobRecord, "id" | "name" | "engine" | "started" | "files"> {
  /** The time that the job has worked, in milliseconds. */
  readonly ms?: number | undefined;
  /** The code that the job runs. */
  readonly code: CodeVersion;
  /** The most common errors. */
  readonly errors?: readonly CommonError[] | undefined;
  /** The engines of a job that has moved. */
  readonly engines?: JobRecord["engines"] | undefined;
  /** The time of the last end, as ISO 8601 text. */
  readonly ended?: string | undefined;
  /** The state. */
  readonly state: JobState;
  /** The reason that no more tasks begin in a running job: `paused` or `asks`. */
  readonly waits?: JobWait | undefined;
  /** The process that runs the job. */
  readonly holder?: Holder | undefined;
  /** The numbers of tasks. */
  readonly counts: JobCounts;
  /** True when the list may have more tasks: the total is the number of those read so far. */
  readonly isPartial?: boolean | undefined;
  /** The options that make a list of parameters. */
  readonly list?: string | undefined;
  /** The part of the list that became tasks. */
  readonly cut?: CutSummary | undefined;
  /** The check of the elements. */
  readonly check?: JobRecord["check"] | undefined;
  /** The function that folds the results, and its key of groups. */
  readonly reduce?: string | undefined;
  /** The running tasks, or those that ran when the process of an interrupted job died. */
  readonly running?: RunningRows | undefined;
  /** True when no more tasks begin until `dl_jobs continue`. */
  readonly isPaused?: boolean | undefined;
  /** The progress of running tasks. */
  readonly progress?: readonly RunningTaskJson[] | undefined;
  /** The times of `setup` in the workers. */
  readonly setup?: JobRecord["setup"] | undefined;
  /** A note about the rest of the list. */
  readonly rest?: string | undefined;
  /** The damage of the job's files. */
  readonly damage?: string | undefined;
  /** The engine's details. */
  readonly place: readonly string[];
  /** The job's folder. */
  readonly folder: string;
  /** The interpreter of a Python function. */
  readonly python?: string | undefined;
}
