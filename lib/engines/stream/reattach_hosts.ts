/**
 * Assigns the tasks of an earlier controller to the hosts that have them.
 *
 * @module
 */

import type { TaskBatch } from "../../tasks/batch.ts";
import { valueWithin } from "../../util/time/value_within.ts";
import type { Reattachment } from "../batch/reattach.ts";
import type { RemoteHost } from "./remote_host.ts";

// The tasks of an earlier controller are on the disk, so they come without a pause, unless the disk
// is very busy. A list from a program may pause behind them.
const QUIET_MS = 10_000;

/**
 * Reads a list until the hosts have the tasks that they were given before. Only then may the events
 * of these tasks be read.
 *
 * @returns the other tasks
 */
export async function reattach(
  tasks: AsyncIterable<TaskBatch>,
  former: Reattachment<RemoteHost>,
  hosts: readonly RemoteHost[],
): Promise<AsyncIterable<TaskBatch>> {
  if (former.isEmpty) return tasks;
  const last = lastAssigned(hosts), iterator = tasks[Symbol.asyncIterator]();
  const held: TaskBatch[] = [];
  for (;;) {
    const reading = iterator.next();
    // The error of the list is thrown when the tasks before it have run.
    const next = await valueWithin(reading.catch(() => undefined), QUIET_MS);
    if (!next || next.done) return rest(held, reading, iterator, former);
    held.push(...former.assign(next.value));
    if (next.value.id(next.value.count - 1) >= last) {
      return rest(held, iterator.next(), iterator, former);
    }
  }
}

function lastAssigned(hosts: readonly RemoteHost[]): number {
  let last = 0;
  for (const { mirror } of hosts) {
    for (const [id, count] of mirror.assigned) last = Math.max(last, id + count - 1);
  }
  return last;
}

async function* rest(
  held: readonly TaskBatch[],
  reading: Promise<IteratorResult<TaskBatch>>,
  iterator: AsyncIterator<TaskBatch>,
  former: Reattachment<RemoteHost>,
): AsyncGenerator<TaskBatch> {
  let isReading = true;
  const noteRead = () => void (isReading = false);
  reading.then(noteRead, noteRead);
  try {
    yield* held;
    for (let next = await reading; !next.done; next = await iterator.next()) {
      yield* former.assign(next.value);
    }
  } finally {
    // return() would wait for the pending read, and a slow list may never complete that read.
    if (!isReading) await iterator.return?.();
  }
}
