/**
 * The summary of a run.
 *
 * @module
 */

import type { CommonError, TaskTimes } from "./task_stats.ts";

/** The result of a run: counts of its tasks, times, errors and files. */
export interface Summary {
  /** The job's id. */
  readonly id: string;
  /** The job's name. */
  readonly name: string;
  /** The number of tasks that were read from the list. */
  readonly total: number;
  /** The number of tasks that succeeded. */
  readonly succeeded: number;
  /** The number of tasks that failed at their last attempt. */
  readonly failed: number;
  /** The number of failures among the elements of returned lists; they are in the errors file. */
  readonly failedElements: number;
  /** The number of tasks without an end when the run was stopped, by the user or by `halt`. */
  readonly canceled: number;
  /** True when the user stopped the run before its end. */
  readonly isInterrupted: boolean;
  /** The number of results that were taken from former jobs. */
  readonly reused: number;
  /** The duration of the run, in milliseconds. */
  readonly ms: number;
  /** The durations of the tasks that ended; nothing when no task ended. */
  readonly times?: TaskTimes;
  /** The most frequent kinds of failures, the most frequent first. */
  readonly commonErrors: readonly CommonError[];
  /** The command that runs the rest, when tasks failed or have no end. */
  readonly next?: string;
  /** The job's folder, and the files that were written. */
  readonly paths: {
    readonly folder: string;
    readonly results?: string;
    readonly errors?: string;
    readonly log?: string;
  };
}
