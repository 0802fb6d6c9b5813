/**
 * Pending tasks of a job, whose results its reduce needs.
 *
 * @module
 */

import { hasEnded, type JobRecord } from "../../job_dir/record.ts";
import type { ReduceRecord } from "../../job_dir/reduce_state.ts";
import { readState } from "../../job_dir/state.ts";
import { totalTasks } from "../../job_dir/task_total.ts";
import { withFacts } from "../../util/errors.ts";

/**
 * Checks that all tasks of a job have ended, because its reduce has no value before.
 *
 * @throws {Error} when tasks are pending.
 */
export function checkReducible(folder: string, record: JobRecord, { name }: ReduceRecord): void {
  const pending = pendingText(folder, record), { id } = record;
  if (pending === undefined) return;
  const next = `dl_jobs resume ${id}`;
  throw withFacts(
    new Error(
      `Cannot reduce the results with ${name}: ${pending}, ${next} runs the others, and ` +
        `dl_jobs results ${id} --reduce none prints the results so far`,
    ),
    { next },
  );
}

/** Tells the number of tasks that have ended; returns `undefined` when all of them have. */
export function pendingText(folder: string, record: JobRecord): string | undefined {
  const { counts, isPartial, state } = readState(folder, record);
  const { total, succeeded, failed } = counts;
  // No task is left when a run has ended by itself, also where the rest of a stream was lost.
  const isOver = hasEnded({ ...record, counts }) || state === "succeeded" || state === "failed";
  if (isOver && succeeded + failed === total) return undefined;
  return `${succeeded + failed} of ${totalTasks({ total, isPartial })} of job ${record.id} have ` +
    "ended";
}
