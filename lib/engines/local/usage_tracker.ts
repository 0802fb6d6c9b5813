/**
 * The memory and the CPU time of the tasks of one worker.
 *
 * @module
 */

import type { EventBatch } from "../../journal/format.ts";
import { attemptAt, msAt, scanEvents } from "../../journal/scan.ts";
import type { TaskUsage } from "../../journal/task_update.ts";
import type { ProcessTree } from "../../util/process/process_tree.ts";
import type { TreeUsage } from "../../util/process/ps_table.ts";

// The usage of shorter tasks is not measured: reading it would take longer than some of them.
const LEAST_MS = 100;

/** Measures the tasks of a worker that take longer than 100 ms. */
export class UsageTracker {
  /** The last sample. */
  last: TreeUsage | undefined;
  /** The CPU time at the last end of a task that was measured. */
  #cpu = 0;

  /**
   * Creates a tracker.
   *
   * @param tree the worker's processes
   * @param isShared true when the worker runs several tasks at the same time
   */
  constructor(readonly tree: Pick<ProcessTree, "usage" | "takePeak">, readonly isShared: boolean) {}

  /** Begins to measure tasks, when the function has been loaded. */
  begin(): void {
    this.#cpu = this.tree.takePeak()?.cpu ?? 0;
  }

  /** Reads the usage. The memory between two samples is seen on Linux only in the worker itself. */
  sample(): void {
    this.last = this.tree.usage() ?? this.last;
  }

  /**
   * Measures the tasks that have just ended.
   *
   * @param ms the time since the responses before
   * @returns the batches, with the usage of tasks that took longer than 100 ms
   */
  end(batches: readonly EventBatch[], ms: number): readonly EventBatch[] {
    if (ms < LEAST_MS && !this.isShared) return batches;
    const ends = batches.map(longEnds), count = ends.reduce((sum, { length }) => sum + length, 0);
    const usage = count > 0 ? this.tree.takePeak() : undefined;
    if (!usage) return batches;
    const before = this.#cpu;
    this.#cpu = usage.cpu;
    this.last = usage;
    const isAlone = !this.isShared && count === 1;
    const facts = {
      type: "usage",
      memory: usage.memory,
      children: usage.children || undefined,
      ...isAlone ? { cpu: usage.cpu - before } : { shared: true },
    } as const;
    return batches.map((batch, i) =>
      withUsage(batch, ends[i]!.map((end) => ({ ...end, ...facts })))
    );
  }
}

/** An attempt that has ended. */
type End = Pick<TaskUsage, "id" | "attempt">;

/** Returns the attempts that took longer than 100 ms. */
function longEnds({ lines, failures }: EventBatch): End[] {
  const ends: End[] = [];
  scanEvents(lines, {
    block({ id, count, ms = 0 }) {
      if (count === 1 && ms >= LEAST_MS) ends.push({ id, attempt: 1 });
    },
    success(id, start, result) {
      if (msAt(lines, result) >= LEAST_MS) ends.push({ id, attempt: attemptAt(lines, start) });
    },
    other() {},
  });
  for (const { event } of failures) {
    if ("ms" in event && event.ms >= LEAST_MS) ends.push({ id: event.id, attempt: event.attempt });
  }
  return ends;
}

function withUsage(batch: EventBatch, usage: readonly TaskUsage[]): EventBatch {
  return usage.length > 0 ? { ...batch, updates: [...batch.updates ?? [], ...usage] } : batch;
}
