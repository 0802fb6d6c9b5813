/**
 * Joins small batches of a list that are ready at the same time. Each batch costs a write to the copy
 * of the list and one to a worker, which takes far longer than a short task.
 *
 * @module
 */

import { concatBytes } from "../util/bytes/bytes.ts";
import { TaskBatch } from "./batch.ts";

// Workers read many batches ahead, and an element of such a list may cost something to make.
const MAX_BYTES = 4 * 1024;
// An asynchronous generator that waits for nothing needs about three turns of the queue of
// microtasks, and each one around it as many again.
const TURNS = 32;

/**
 * Joins batches of consecutive tasks while the next one needs no wait. A batch that is slow to
 * arrive is passed on at once, and nothing is read after it until the next batch is requested.
 *
 * @param batches the batches, whose first lines are tasks in the order of their ids
 */
export async function* joinReady(batches: AsyncGenerator<TaskBatch>): AsyncGenerator<TaskBatch> {
  let read: Read | undefined;
  // The size doubles while batches are ready, so the first tasks do not wait for many others.
  let most = 1;
  try {
    while (true) {
      const first = await (read ?? new Read(batches.next())).result;
      read = undefined;
      if (first.done) return;
      const parts = [first.value];
      let size = first.value.bytes.length;
      while (size < most) {
        read = new Read(batches.next());
        const next = await read.soon();
        if (!next) break;
        read = undefined;
        parts.push(next);
        size += next.bytes.length;
      }
      most = read ? 1 : Math.min(2 * most, MAX_BYTES);
      yield joined(parts);
    }
  } finally {
    // A pending read cannot be interrupted, and return() would wait for it.
    const closing = batches.return(undefined);
    if (read?.isPending) closing.catch(() => {});
    else await closing;
  }
}

/** A read of the next batch. */
class Read {
  isPending = true;
  #batch: TaskBatch | undefined;

  constructor(readonly result: Promise<IteratorResult<TaskBatch>>) {
    result.then(({ value }) => {
      this.isPending = false;
      this.#batch = value;
    }, () => this.isPending = false);
  }

  /** Returns the batch if it needs no wait. The end of the list and its error come with `result`. */
  async soon(): Promise<TaskBatch | undefined> {
    for (let turn = 0; this.isPending && turn < TURNS; turn++) await undefined;
    return this.#batch;
  }
}

function joined(parts: readonly TaskBatch[]): TaskBatch {
  const [first] = parts;
  if (parts.length === 1) return first!;
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  return TaskBatch.of(concatBytes(parts.map(({ bytes }) => bytes)), count, first!.id(0));
}
