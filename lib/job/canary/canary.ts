/**
 * The canary of a job: some tasks that run first, and the plan that they give for the rest.
 *
 * @module
 */

import type { CommonError, TaskTimes } from "../report/task_stats.ts";
import type { UsageSummary } from "../report/usage_stats.ts";

/** The tasks of a job that run before the others, and the decision that follows them. */
export interface CanaryOptions {
  /** The number of tasks, which are spread over the list. */
  readonly tasks: number;
  /**
   * Called once after the last of these tasks. The other tasks run when the result is true, and
   * remain pending otherwise. Not called when no other task is left.
   */
  readonly confirm: (plan: CanaryPlan) => boolean | Promise<boolean>;
}

/** The outcome of a canary, and the plan for the other tasks. */
export interface CanaryPlan {
  /** The number of tasks that have run. */
  readonly tasks: number;
  /** The number of these that failed. */
  readonly failed: number;
  /** The number of other tasks. */
  readonly rest: number;
  /** The durations of the tasks that have run. */
  readonly times?: TaskTimes | undefined;
  /** The memory and the CPU time of the tasks that took longer than 100 ms. */
  readonly usage?: UsageSummary | undefined;
  /** The flags that would fit tasks like these. @default {small tasks need none} */
  readonly fits?: string | undefined;
  /** Up to three kinds of errors, the most frequent first. */
  readonly commonErrors: readonly CommonError[];
  /** The number of tasks that will run at a time. @default {the engine does not tell} */
  readonly parallel?: number | undefined;
  /** The time that the other tasks would take, in milliseconds. @default {unknown} */
  readonly restMs?: number | undefined;
}

/** The facts from which {@linkcode restTime} estimates. */
export interface RestFacts {
  /** The number of tasks that have not run. */
  readonly rest: number;
  /** The mean duration of a task, in milliseconds. */
  readonly mean?: number | undefined;
  /** The number of tasks at a time. */
  readonly parallel?: number | undefined;
  /** The least time between the beginnings of two tasks, in milliseconds. @default {0} */
  readonly everyMs?: number | undefined;
}

/**
 * Estimates the time of the tasks that have not run, in milliseconds. At a rate, they take at least
 * the time in which they may begin.
 *
 * @example
 * ```ts
 * import { restTime } from "./canary.ts";
 *
 * const times = [
 *   restTime({ rest: 100, mean: 1000, parallel: 8 }),
 *   restTime({ rest: 100, mean: 1000, parallel: 8, everyMs: 500 }),
 * ];
 * if (times.join() !== "12500,50000") throw new Error(times.join());
 * ```
 *
 * @returns `undefined` when a fact is unknown
 */
export function restTime({ rest, mean, parallel, everyMs = 0 }: RestFacts): number | undefined {
  if (mean === undefined || parallel === undefined) return undefined;
  return Math.max(rest * everyMs, rest * mean / Math.min(parallel, rest));
}
