/**
 * What became of a run.
 *
 * @module
 */

import type { CommonError, TaskTimes } from "./task_stats.ts";

/** What became of a run. */
export interface Summary {
  readonly id: string;
  readonly name: string;
  /** How many tasks there were. */
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  /** How many elements of lists that tasks returned were failures; they stand with the errors. */
  readonly failedElements: number;
  /** How many tasks had not ended when the run was stopped, by the user or by `halt`. */
  readonly canceled: number;
  /** Whether the user stopped it before its end. */
  readonly isInterrupted: boolean;
  /** How many of the results were taken from former jobs. */
  readonly reused: number;
  /** How long it took, in milliseconds. */
  readonly ms: number;
  /** How long its tasks took, those that ended. */
  readonly times?: TaskTimes;
  /** Why tasks failed: the most frequent kinds, the most frequent first. */
  readonly commonErrors: readonly CommonError[];
  /** The command that goes on from here, where there is something left to do. */
  readonly next?: string;
  /** The job's folder, and the files that were written. */
  readonly paths: {
    readonly folder: string;
    readonly results?: string;
    readonly errors?: string;
    readonly log?: string;
  };
}
