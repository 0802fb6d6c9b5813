/**
 * A list in random order.
 *
 * @module
 */

import type { TaskBatch } from "../batch.ts";
import { randomAt } from "./random.ts";
import { TaskSpool } from "./task_spool.ts";

/** Yields the tasks of a list in an order that the seed determines. The whole list is read first. */
export async function* shuffleTasks(
  tasks: AsyncIterable<TaskBatch>,
  seed: number,
): AsyncGenerator<TaskBatch> {
  using spool = await TaskSpool.open();
  for await (const batch of tasks) spool.add(batch);
  yield* spool.at(randomOrder(spool.count, seed));
}

/**
 * Returns the numbers below a count in random order.
 *
 * @see {@link https://en.wikipedia.org/wiki/Fisher-Yates_shuffle}
 */
function randomOrder(count: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    // A sample with the same seed uses the numbers at positions from 0.
    const j = Math.floor(randomAt(seed, -i) * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
