/**
 * The tasks that a job takes back from an engine before it moves to another one.
 *
 * @module
 */

import { Reattachment } from "../../engines/batch/reattach.ts";
import type { TaskRange } from "../../tasks/task_range.ts";
import type { TaskBatch } from "../../tasks/batch.ts";

/**
 * Yields the tasks of a list that an engine was given, from which it finds their places again.
 *
 * @param given the tasks that earlier runs gave to the engine
 * @param onEnd called after the last one, when no more tasks may begin
 */
export async function* takeBack(
  list: AsyncIterable<TaskBatch>,
  given: readonly TaskRange[],
  onEnd: () => void,
): AsyncGenerator<TaskBatch> {
  let taken: TaskBatch[] = [];
  const part = { inFlight: { count: 0 }, push: (batch: TaskBatch) => void taken.push(batch) };
  const former = new Reattachment(given.map((range) => ({ range, part })));
  for await (const batch of list) {
    taken = [];
    former.assign(batch);
    yield* taken;
  }
  onEnd();
}
