/**
 * A consecutive part of a list.
 *
 * @module
 */

import type { TaskBatch } from "../batch.ts";
import type { Cuts } from "./cuts.ts";

/**
 * Yields the tasks after the first `skip`, at most `limit` of them. Nothing is read after the last
 * one.
 */
export async function* sliceTasks(
  tasks: AsyncIterable<TaskBatch>,
  { skip = 0, limit = Infinity }: Pick<Cuts, "skip" | "limit">,
): AsyncGenerator<TaskBatch> {
  if (limit === 0) return;
  let before = skip, left = limit;
  for await (const batch of tasks) {
    const from = Math.min(before, batch.count), to = Math.min(from + left, batch.count);
    before -= from;
    left -= to - from;
    if (from < to) yield batch.slice(from, to);
    if (left === 0) return;
  }
}
