/**
 * The engine `local`: worker processes on this machine.
 *
 * @module
 */

import type { EventBatch } from "../../journal/format.ts";
import type { Activity } from "../../terminal/progress_line.ts";
import type { Engine } from "../engine.ts";
import { SpanWriter } from "../shared/busy_spans.ts";
import { AckChannel } from "./ack_channel.ts";
import { FailedStarts } from "./failed_starts.ts";
import { gpusOfSlots } from "./gpus.ts";
import { LocalWorker } from "./local_worker.ts";
import { OomKills } from "./oom_kills.ts";
import { OrphanReaper } from "./orphan_reaper.ts";
import { type Taker, TaskQueue } from "./task_queue.ts";
import { type ActiveWorker, sendSpan, type WorkerPool, type WorkerSlot } from "./worker_slot.ts";

/** Runs tasks in worker processes on this machine. */
export const localEngine: Engine = {
  name: "local",
  async *run(tasks, context) {
    const slots = gpusOfSlots(context);
    await using reaper = new OrphanReaper();
    const queue = new TaskQueue(tasks, slots.length);
    const events = new AckChannel<EventBatch>();
    const workers = new Set<ActiveWorker>();
    context.observe?.(() => activityOf(workers, slots.length));
    const oomKills = new OomKills();
    const running = runSlots({ queue, reaper, oomKills, context, events, workers }, slots);
    try {
      yield* events;
    } finally {
      await running;
      await queue.close();
    }
  },
};

function activityOf(all: ReadonlySet<ActiveWorker>, workers: number): Activity {
  const running = [...all].map((worker) => worker.running).filter((count) => count > 0);
  const starting = [...all].filter(({ isStarting }) => isStarting).length || undefined;
  return { running: running.reduce((a, b) => a + b, 0), busy: running.length, workers, starting };
}

/** Runs all slots until they end, then ends the channel of events. */
async function runSlots(
  pool: WorkerPool,
  variables: readonly Readonly<Record<string, string>>[],
): Promise<void> {
  const { context, queue, events } = pool;
  const failed = new AbortController();
  // When the caller stops reading events, the workers must stop too.
  events.closed.then(() => failed.abort());
  const signal = AbortSignal.any([context.signal, failed.signal]);
  for (const one of [signal, context.stop]) one.addEventListener("abort", () => queue.wake());
  const slots = variables.map((env, slot) =>
    runSlot({
      ...pool,
      spans: new SpanWriter(String(slot)),
      context: { ...context, signal, env: { ...context.env, ...env } },
    })
      .catch((error) => failed.abort(error))
  );
  await Promise.all(slots);
  if (queue.failure) failed.abort(queue.failure.reason);
  events.end(failed.signal.aborted ? { error: failed.signal.reason } : {});
}

/** Runs workers one after another, and starts each when a task is available. */
async function runSlot(slot: WorkerSlot): Promise<void> {
  const { queue, context: { signal, stop, concurrency } } = slot;
  const taker: Taker = {
    get state() {
      return signal.aborted || stop.aborted ? "gone" : "idle";
    },
  };
  const failedStarts = new FailedStarts();
  let next = await queue.take(concurrency, taker);
  while (next) {
    const worker = new LocalWorker(slot, next.batch.limits);
    const carry = await worker.run(next);
    if (!worker.failedStart) failedStarts.reset();
    else if (!signal.aborted) failedStarts.add(worker.failedStart);
    next = carry ?? await queue.take(concurrency, taker);
  }
  await sendSpan(slot, slot.spans.end());
}
