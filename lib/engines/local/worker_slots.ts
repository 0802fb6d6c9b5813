/**
 * The slots of a run of the engine `local`. Each has one worker at a time.
 *
 * @module
 */

import { awaitSharedSignal } from "../../util/process/shared_signal.ts";
import type { EngineContext } from "../engine.ts";
import { SpanWriter } from "../shared/busy_spans.ts";
import { FailedStarts, withPlace } from "./failed_starts.ts";
import { gpusOfSlots } from "./gpus.ts";
import { LocalWorker } from "./local_worker.ts";
import { RefusedStart, RefusedStarts } from "./refused_starts.ts";
import type { Taker } from "./task_queue.ts";
import { sendSpan, slotVariable, type WorkerPool, type WorkerSlot } from "./worker_slot.ts";

/** Runs as many slots as the job has workers, whose number may change. */
export class WorkerSlots {
  #pool: WorkerPool;
  /** The environment variables of each slot. */
  #variables: Variables;
  #running = new Map<number, Promise<void>>();
  #failed = new AbortController();
  #refused: RefusedStarts;
  #signal: AbortSignal;

  /** Creates the slots of a run. */
  constructor(pool: WorkerPool, variables: Variables) {
    this.#pool = pool;
    this.#variables = variables;
    this.#refused = new RefusedStarts({
      workers: pool.workers,
      wanted: () => this.count,
      warn: (text) => pool.context.warn(text),
    });
    this.#signal = AbortSignal.any([pool.context.signal, this.#failed.signal]);
  }

  /** The number of slots that take tasks. */
  get count(): number {
    return this.#variables.length;
  }

  /** Runs the slots until no task is left, then ends the channel of events. */
  async run(): Promise<void> {
    const { context: { stop, live }, queue, events } = this.#pool, failed = this.#failed;
    // When the caller stops reading events, the workers must stop too.
    events.closed.then(() => failed.abort());
    for (const one of [this.#signal, stop]) one.addEventListener("abort", () => queue.wake());
    const endWatch = live?.watch(() => this.#resize());
    this.#start();
    while (this.#running.size > 0) await Promise.all(this.#running.values());
    endWatch?.();
    if (queue.failure) failed.abort(queue.failure.reason);
    events.end(failed.signal.aborted ? { error: failed.signal.reason } : {});
  }

  #resize(): void {
    const { context, queue } = this.#pool;
    this.#variables = gpusOfSlots({ ...context, ...context.live?.values });
    queue.workers = this.count;
    this.#start();
    queue.wake();
  }

  #start(): void {
    for (const slot of this.#variables.keys()) {
      if (!this.#running.has(slot)) this.#running.set(slot, this.#run(slot));
    }
  }

  async #run(slot: number): Promise<void> {
    try {
      // A slot that was surplus may be needed again by the time it has ended.
      while (await runSlot(this.#slot(slot), this.#refused) && slot < this.count);
    } catch (error) {
      this.#failed.abort(error);
    }
    this.#running.delete(slot);
    this.#refused.wakeOne();
  }

  #slot(slot: number): WorkerSlot {
    const { context } = this.#pool;
    const env = { ...context.env, ...this.#variables[slot], ...slotVariable(slot) };
    return {
      ...this.#pool,
      // It has the variable of this slot.
      first: slot === 0 ? this.#pool.first : undefined,
      isSurplus: () => slot >= this.count,
      spans: new SpanWriter(String(slot)),
      context: { ...context, signal: this.#signal, env },
    };
  }
}

type Variables = ReturnType<typeof gpusOfSlots>;

/** Returns true when Ctrl-C may have ended a worker, which it reaches only at the terminal. */
async function isInterrupted(
  { isOnTerminal, stop }: Pick<EngineContext, "isOnTerminal" | "stop">,
): Promise<boolean> {
  if (!isOnTerminal) return false;
  await awaitSharedSignal(stop);
  return stop.aborted;
}

/**
 * Runs workers one after another, and starts each when a task is available.
 *
 * @returns true when the slot has ended because it was surplus.
 */
async function runSlot(slot: WorkerSlot, refused: RefusedStarts): Promise<boolean> {
  const { queue, context: { signal, stop, concurrency, tasksPerWorker = Infinity } } = slot;
  const first = Math.min(concurrency, tasksPerWorker);
  let wasSurplus = false;
  const taker: Taker = {
    get state() {
      wasSurplus = slot.isSurplus();
      return wasSurplus || signal.aborted || stop.aborted ? "gone" : "idle";
    },
  };
  const failedStarts = new FailedStarts();
  let tries = 0;
  let next = await queue.take(first, taker);
  while (next) {
    const worker = new LocalWorker(slot, next.batch.limits);
    const carry = await refused.run(worker, next, queue);
    if (carry instanceof RefusedStart) {
      if (!signal.aborted) await refused.wait(carry, ++tries, [signal, stop]);
      next = await queue.take(first, taker);
      continue;
    }
    refused.wakeOne();
    if (!worker.failedStart) {
      failedStarts.reset();
      refused.reset();
      tries = 0;
    } else if (!signal.aborted && !await isInterrupted(slot.context)) {
      failedStarts.add(await withPlace(worker.failedStart));
    }
    next = carry ?? await queue.take(first, taker);
  }
  await sendSpan(slot, slot.spans.end());
  return wasSurplus;
}
