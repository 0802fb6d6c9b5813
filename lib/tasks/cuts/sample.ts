/**
 * Random samples of a list.
 *
 * @module
 */

import type { Amount } from "../amount.ts";
import { joinTasks, type Task, type TaskBatch } from "../batch.ts";
import { randomAt } from "./random.ts";
import { TaskSpool } from "./task_spool.ts";

/**
 * Yields a sample in the order of the list. The seed and the position of an element decide whether it
 * is in a share, so a share is read as a stream. A number of elements needs the whole list.
 */
export function sampleTasks(
  tasks: AsyncIterable<TaskBatch>,
  { most, isPart }: Amount,
  seed: number,
): AsyncGenerator<TaskBatch> {
  return isPart ? sampleShare(tasks, most, seed) : sampleCount(tasks, most, seed);
}

async function* sampleShare(
  tasks: AsyncIterable<TaskBatch>,
  share: number,
  seed: number,
): AsyncGenerator<TaskBatch> {
  for await (const batch of tasks) {
    const kept: Task[] = [];
    for (let i = 0; i < batch.count; i++) {
      if (randomAt(seed, batch.id(i)) < share) kept.push(batch.task(i));
    }
    yield* joinTasks(kept);
  }
}

/** A task of a spool and its random number. */
interface RankedTask {
  readonly position: number;
  readonly rank: number;
}

// The tasks in excess of the sample that are held before they are sorted out.
const SLACK = 1000;

/** Keeps the tasks with the smallest random numbers. */
async function* sampleCount(
  tasks: AsyncIterable<TaskBatch>,
  count: number,
  seed: number,
): AsyncGenerator<TaskBatch> {
  using spool = await TaskSpool.open();
  let kept: RankedTask[] = [], most = Infinity;
  const sortOut = () => {
    kept = kept.sort((a, b) => a.rank - b.rank).slice(0, count);
    if (kept.length === count) most = kept.at(-1)?.rank ?? 0;
  };
  for await (const batch of tasks) {
    const found: Task[] = [];
    for (let i = 0; i < batch.count; i++) {
      const rank = randomAt(seed, batch.id(i));
      if (rank >= most) continue;
      kept.push({ position: spool.count + found.length, rank });
      found.push(batch.task(i));
    }
    for (const one of joinTasks(found)) spool.add(one);
    if (kept.length >= 2 * count + SLACK) sortOut();
  }
  sortOut();
  yield* spool.at(Uint32Array.from(kept, ({ position }) => position).sort());
}
