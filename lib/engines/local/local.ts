/**
 * The engine `local`: worker processes on this machine.
 *
 * @module
 */

import type { ActiveProcess } from "../../job_dir/running_tasks.ts";
import type { EventBatch } from "../../journal/format.ts";
import type { TaskBatch } from "../../tasks/batch.ts";
import type { Activity } from "../../terminal/progress_line.ts";
import type { Engine, LocalContext } from "../engine.ts";
import { firstWarning, warnOnce } from "../shared/warn_once.ts";
import { AckChannel } from "./ack_channel.ts";
import { FirstWorker } from "./first_worker.ts";
import { gpusOfSlots } from "./gpus.ts";
import { OomKills } from "./oom_kills.ts";
import { OrphanReaper } from "./orphan_reaper.ts";
import { RefusedStart } from "./refused_starts.ts";
import { UsageSampler } from "./usage_sampler.ts";
import { WorkerSlots } from "./worker_slots.ts";
import { TaskQueue } from "./task_queue.ts";
import { type ActiveWorker, slotVariable } from "./worker_slot.ts";

/** An engine that also runs without the options of other engines. */
interface LocalEngine extends Engine {
  run(tasks: AsyncIterable<TaskBatch>, context: LocalContext): AsyncIterable<EventBatch>;
}

/** Runs tasks in worker processes on this machine. */
export const localEngine: LocalEngine = {
  name: "local",
  follows: ["workers", "timeout", "memory"],
  prepare(context) {
    // The GPUs of a worker are known when the run begins, and a sandbox needs the job's folder.
    if (context.gpus > 0 || context.isSandboxed) return undefined;
    const first = firstWorker(context);
    return first && {
      run: (tasks, context) => run(tasks, context, first),
      [Symbol.asyncDispose]: () => first[Symbol.asyncDispose](),
    };
  },
  run,
};

/** Starts the first worker; undefined when the system refuses it, which the run then tries again. */
function firstWorker(context: LocalContext): FirstWorker | undefined {
  try {
    return new FirstWorker({ ...context, env: { ...context.env, ...slotVariable(0) } });
  } catch (error) {
    if (error instanceof RefusedStart) return undefined;
    throw error;
  }
}

/** Runs tasks, in the first worker and in others. */
async function* run(
  tasks: AsyncIterable<TaskBatch>,
  given: LocalContext,
  first?: FirstWorker,
): AsyncGenerator<EventBatch> {
  const context = { ...given, warn: warnOnce(given.warn) };
  const gpus = gpusOfSlots({ ...context, ...context.live?.values });
  await using own = first ? undefined : new OrphanReaper();
  const reaper = first?.reaper ?? own!;
  const queue = new TaskQueue(tasks, gpus.length, context.pace);
  const events = new AckChannel<EventBatch>();
  const workers = new Set<ActiveWorker>();
  context.watch?.(() => [...workers].map(({ active }) => active).filter(isBusy));
  using _sampler = new UsageSampler(workers);
  const oomKills = new OomKills();
  const warnEnd = firstWarning(context.warn), warnStart = firstWarning(context.warn);
  const pool = { queue, reaper, oomKills, warnEnd, warnStart, context, events, workers, first };
  const slots = new WorkerSlots(pool, gpus);
  context.observe?.(() => activityOf(workers, slots.count));
  const running = slots.run();
  try {
    yield* events;
  } finally {
    await running;
    await queue.close();
    // It ends while the job's files are written.
    reaper.close();
  }
}

function isBusy({ tasks }: ActiveProcess): boolean {
  return tasks.length > 0;
}

function activityOf(all: ReadonlySet<ActiveWorker>, workers: number): Activity {
  const running = [...all].map((worker) => worker.running).filter((count) => count > 0);
  const starting = [...all].filter(({ isStarting }) => isStarting).length || undefined;
  return { running: running.reduce((a, b) => a + b, 0), busy: running.length, workers, starting };
}
