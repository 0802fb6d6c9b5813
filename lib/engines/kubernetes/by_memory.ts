/**
 * Runs tasks that need more memory apart from the others.
 *
 * The memory of a pod is fixed, so an attempt after `oom` needs a pod of another Job.
 *
 * @module
 */

import type { EventBatch } from "../../journal/format.ts";
import type { ActiveProcess } from "../../job_dir/running_tasks.ts";
import type { TaskBatch } from "../../tasks/batch.ts";
import type { EngineContext } from "../engine.ts";
import { AckChannel } from "../local/ack_channel.ts";

/** The part of a context that differs among the runs. */
export type RunParts = Pick<EngineContext, "signal" | "observe" | "watch">;

/** Runs the tasks that need the same multiple of the job's memory. */
export type RunOfGrowth = (
  growth: number,
  tasks: AsyncIterable<TaskBatch>,
  parts: RunParts,
) => AsyncIterable<EventBatch>;

/**
 * Runs tasks, those of each memory limit on their own.
 *
 * @param memory the memory of a task by the job, in bytes
 */
export async function* runByMemory(
  tasks: AsyncIterable<TaskBatch>,
  context: RunParts,
  memory: number,
  run: RunOfGrowth,
): AsyncGenerator<EventBatch> {
  const events = new AckChannel<EventBatch>(), failed = new AbortController();
  // When one run fails, or the caller stops reading, the others must stop too.
  events.closed.then(() => failed.abort());
  const signal = AbortSignal.any([context.signal, failed.signal]);
  const pipes = new Map<number, TaskPipe>(), runs: Promise<void>[] = [];
  const looks: (() => readonly ActiveProcess[])[] = [];
  context.watch?.(() => looks.flatMap((look) => look()));
  const start = (growth: number, part: AsyncIterable<TaskBatch>) => {
    // The progress line shows the pods of the first run.
    const observe = growth === 1 ? context.observe : undefined;
    const watch = (look: () => readonly ActiveProcess[]) => void looks.push(look);
    const reading = pass(run(growth, part, { signal, observe, watch }), events);
    runs.push(reading.catch((error) => failed.abort(error)));
  };
  const startLarger = (growth: number) => {
    const pipe = new TaskPipe();
    pipes.set(growth, pipe);
    start(growth, pipe);
    return pipe;
  };
  const give = (growth: number, batch: TaskBatch) =>
    (pipes.get(growth) ?? startLarger(growth)).push(batch);
  start(1, withoutGrown(tasks, memory, give));
  const ended = runs[0]!.then(async () => {
    for (const pipe of pipes.values()) pipe.end();
    await Promise.all(runs);
    events.end(failed.signal.aborted ? { error: failed.signal.reason } : {});
  });
  try {
    yield* events;
  } finally {
    await ended;
  }
}

async function pass(
  batches: AsyncIterable<EventBatch>,
  events: AckChannel<EventBatch>,
): Promise<void> {
  for await (const batch of batches) await events.send(batch);
}

/** Yields the tasks with the job's memory, and hands over those with more. */
async function* withoutGrown(
  tasks: AsyncIterable<TaskBatch>,
  memory: number,
  give: (growth: number, batch: TaskBatch) => void,
): AsyncGenerator<TaskBatch> {
  for await (const batch of tasks) {
    const growth = Number(((batch.limits?.memory ?? memory) / memory).toPrecision(6));
    if (growth > 1) give(growth, batch);
    else yield batch;
  }
}

/** Tasks that wait for a run. Their number has no limit: these are attempts after failures. */
class TaskPipe implements AsyncIterable<TaskBatch> {
  #batches: TaskBatch[] = [];
  #isEnded = false;
  #changed = Promise.withResolvers<void>();

  push(batch: TaskBatch): void {
    this.#batches.push(batch);
    this.#changed.resolve();
  }

  end(): void {
    this.#isEnded = true;
    this.#changed.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TaskBatch> {
    for (;;) {
      const next = this.#batches.shift();
      if (next) yield next;
      else if (this.#isEnded) return;
      else {
        await this.#changed.promise;
        this.#changed = Promise.withResolvers();
      }
    }
  }
}
