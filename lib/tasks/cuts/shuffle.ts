/**
 * A list in random order.
 *
 * @module
 */

import { writeAll } from "../../util/fs.ts";
import { readFully } from "../../util/growing_file.ts";
import type { Task, TaskBatch } from "../batch.ts";
import { batchesOf } from "./batches_of.ts";
import { randomAt } from "./random.ts";

/**
 * Yields the tasks of a list in an order that the seed determines. The tasks are in a temporary file
 * without a name until they are yielded; only their positions in it are in memory.
 */
export async function* shuffleTasks(
  tasks: AsyncIterable<TaskBatch>,
  seed: number,
): AsyncGenerator<TaskBatch> {
  const path = await Deno.makeTempFile({ prefix: "dl_jobs_" });
  using file = await Deno.open(path, { read: true, write: true });
  await Deno.remove(path);
  const ids: number[] = [], ends: number[] = [];
  let end = 0;
  for await (const batch of tasks) {
    writeAll(file, batch.bytes, path);
    for (const { id, args } of batch) {
      ids.push(id);
      ends.push(end += args.length + 1);
    }
  }
  yield* batchesOf(inOrder(file, { ids, ends, order: randomOrder(ids.length, seed) }));
}

/** Tasks in a file: their ids, the offsets after their lines, and the order to read them in. */
interface StoredTasks {
  readonly ids: readonly number[];
  readonly ends: readonly number[];
  readonly order: Uint32Array;
}

function* inOrder(file: Deno.FsFile, { ids, ends, order }: StoredTasks): Generator<Task> {
  for (const at of order) {
    const start = ends[at - 1] ?? 0;
    file.seekSync(start, Deno.SeekMode.Start);
    const args = readFully(file, new Uint8Array(ends[at]! - start - 1));
    yield { id: ids[at]!, attempt: 1, args };
  }
}

/**
 * Returns the numbers below a count in random order.
 *
 * @see {@link https://en.wikipedia.org/wiki/Fisher-Yates_shuffle}
 */
function randomOrder(count: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    // The positions of a sample with the same seed have other numbers.
    const j = Math.floor(randomAt(seed, -i) * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
