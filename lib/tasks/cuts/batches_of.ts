/**
 * Single tasks as batches.
 *
 * @module
 */

import { joinTasks, type Task, type TaskBatch } from "../batch.ts";

const BATCH_BYTES = 64 * 1024;

/** Joins tasks to batches of about 64 KiB. */
export function* batchesOf(tasks: Iterable<Task>): Generator<TaskBatch> {
  let joined: Task[] = [], bytes = 0;
  for (const task of tasks) {
    joined.push(task);
    bytes += task.args.length + 1;
    if (bytes < BATCH_BYTES) continue;
    yield* joinTasks(joined);
    [joined, bytes] = [[], 0];
  }
  yield* joinTasks(joined);
}
