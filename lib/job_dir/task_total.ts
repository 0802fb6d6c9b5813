/**
 * The number of a job's tasks, of a list that may not have been read to its end.
 *
 * @module
 */

import { counted } from "../util/text/counted.ts";

/** The number of a job's tasks. */
export interface TaskTotal {
  /** The number of tasks that have been read from the list. */
  readonly total: number;
  /** True when the list may have more tasks than those read so far. */
  readonly isPartial?: boolean | undefined;
}

/** Formats the number of a job's tasks: `3`, or `3 read so far` when more may follow. */
export function totalText({ total, isPartial }: TaskTotal): string {
  return `${total}${isPartial ? " read so far" : ""}`;
}

/** Formats the number of a job's tasks with their name: `1 task`, or `3 tasks read so far`. */
export function totalTasks({ total, isPartial }: TaskTotal): string {
  return `${counted(total, "task")}${isPartial ? " read so far" : ""}`;
}
