/**
 * The summary of a run that has ended.
 *
 * @module
 */

import type { SetupTimes } from "../../job_dir/record.ts";
import type { SkippedElements } from "../../tasks/checked_list.ts";
import type { CommonError, TaskTimes } from "./task_stats.ts";
import type { UsageSummary } from "./usage_stats.ts";

/** A part of a list that became tasks. */
export interface CutSummary {
  /** The flags that select the part. */
  readonly flags: string;
  /** The number of elements of the whole list, when it is known. */
  readonly elements?: number | undefined;
}

/** The outcome of a run. */
export interface Summary {
  /** The job's id. */
  readonly id: string;
  /** The job's name. */
  readonly name: string;
  /** The number of tasks that were read from the list. */
  readonly total: number;
  /** True when the list may have more tasks: `total` is the number of those read so far. */
  readonly isPartial?: boolean;
  /** The part of the list that became tasks. @default {the whole list} */
  readonly cut?: CutSummary;
  /** The number of tasks that have succeeded, in this run and in earlier runs. */
  readonly succeeded: number;
  /** The number of tasks that have failed, in this run and in earlier runs. */
  readonly failed: number;
  /** The number of failed tasks whose elements cannot be read, or do not fit the schema. */
  readonly invalid?: number;
  /** The elements of the list that were left out, because they are invalid. */
  readonly skipped?: SkippedElements;
  /** The number of errors inside returned lists. These errors are in the errors file. */
  readonly failedElements: number;
  /** The number of tasks that were pending when the user or `halt` stopped the run. */
  readonly canceled: number;
  /** True when the user stopped the run before its end. */
  readonly isInterrupted: boolean;
  /** True when the run began no more tasks because of `halt`. @default {false} */
  readonly isHalted?: boolean;
  /** The number of results that were reused from earlier jobs. */
  readonly reused: number;
  /** The duration of the run, in milliseconds. */
  readonly ms: number;
  /** The durations of the tasks that ended in this run; `undefined` when no task ended. */
  readonly times?: TaskTimes;
  /** The memory and the CPU time of the tasks of this run that took longer than 100 ms. */
  readonly usage?: UsageSummary;
  /** The flags that would fit tasks like these on this machine. */
  readonly fits?: string;
  /** The times of `setup` in the workers, in this run and in earlier runs. */
  readonly setup?: SetupTimes;
  /** Up to three kinds of errors, the most frequent first. */
  readonly commonErrors: readonly CommonError[];
  /** The command that resumes or retries the job, when tasks are pending or failed. */
  readonly next?: string;
  /** The steps to take: commands such as that of `next`, and advice. */
  readonly steps?: readonly string[];
  /** The paths of the job's folder and of the files that were written. */
  readonly paths: {
    /** The job's folder, as an absolute path. */
    readonly folder: string;
    /** The path of the results file. */
    readonly results?: string;
    /** The path of the errors file. */
    readonly errors?: string;
    /** The path of the log file for messages. */
    readonly log?: string;
  };
}
