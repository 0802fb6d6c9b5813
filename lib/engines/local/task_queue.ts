/**
 * The tasks between the list and the workers.
 *
 * @module
 */

import { joinTasks, type Task, type TaskBatch } from "../../tasks/batch.ts";

/** A consumer of the queue: a worker, or the slot that is about to start one. */
export interface Taker {
  /**
   * `idle` has no task in flight, so it may receive a suspect. `busy` has some. `gone` accepts
   * nothing more.
   */
  readonly state: "idle" | "busy" | "gone";
}

/** Tasks for one worker. */
export interface TakenBatch {
  /** The tasks. */
  readonly batch: TaskBatch;
  /**
   * True for a task that was in flight when a worker died. It runs alone, so that only the task that
   * ends its worker is charged.
   */
  readonly isSuspect: boolean;
}

// Enough that no worker waits for the list, even while the first ones start, and little enough to
// be in memory.
const READ_AHEAD = 64;
const READ_AHEAD_BYTES = 512 * 1024;

/** Reads the list ahead, and cuts it to the batches that workers have room for. */
export class TaskQueue {
  #tasks: AsyncIterator<TaskBatch>;
  #ready: TaskBatch[] = [];
  #suspects: Task[] = [];
  #isReading = false;
  #isEnded = false;
  /** The reason why the list could not be read to its end. */
  failure: { readonly reason: unknown } | undefined;
  #changed = Promise.withResolvers<void>();

  /**
   * Creates a queue, which reads the list when it is first asked for tasks.
   *
   * @param tasks the list
   * @param workers the number of workers that share the end of the list
   */
  constructor(tasks: AsyncIterable<TaskBatch>, readonly workers: number) {
    this.#tasks = tasks[Symbol.asyncIterator]();
  }

  /**
   * Waits for tasks.
   *
   * @param most the largest number of tasks to return
   * @returns the tasks, or undefined when no task is left or the taker is gone
   */
  async take(most: number, taker: Taker): Promise<TakenBatch | undefined> {
    while (taker.state !== "gone") {
      const taken = this.#next(most, taker);
      if (taken) return taken;
      if (this.#isEnded && this.#suspects.length === 0) return undefined;
      await this.#changed.promise;
    }
    return undefined;
  }

  /** Puts back tasks that did not begin: they are the next to be taken. */
  giveBack(tasks: readonly Task[]): void {
    this.#ready.unshift(...joinTasks(tasks));
    this.wake();
  }

  /** Puts back tasks of which one may have ended its worker: each runs alone. */
  suspect(tasks: readonly Task[]): void {
    this.#suspects.push(...tasks);
    this.wake();
  }

  /** Lets every waiting taker check its state and the queue again. */
  wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Stops reading the list. */
  async close(): Promise<void> {
    // return() would wait for a read that is under way, and a list may take its time.
    if (!this.#isReading) await this.#tasks.return?.();
  }

  #next(most: number, { state }: Taker): TakenBatch | undefined {
    if (state === "idle" && this.#suspects.length > 0) {
      const [batch] = joinTasks([this.#suspects.shift()!]);
      return { batch: batch!, isSuspect: true };
    }
    this.#read();
    const batch = this.#cut(most);
    return batch && { batch, isSuspect: false };
  }

  #cut(most: number): TaskBatch | undefined {
    const [batch, ...others] = this.#ready;
    if (!batch) return undefined;
    const part = this.#share(most);
    this.#ready = part < batch.count ? [batch.slice(part), ...others] : others;
    return part < batch.count ? batch.slice(0, part) : batch;
  }

  // The list may be near its end: smaller batches let all workers end together.
  #share(most: number): number {
    if (this.#isFull) return most;
    const left = this.#ready.reduce((sum, { count }) => sum + count, 0);
    return Math.max(1, Math.min(most, Math.ceil(left / this.workers / 2)));
  }

  get #isFull(): boolean {
    const bytes = this.#ready.reduce((sum, batch) => sum + batch.bytes.length, 0);
    return this.#ready.length >= READ_AHEAD || bytes >= READ_AHEAD_BYTES;
  }

  #read(): void {
    if (this.#isReading || this.#isEnded || this.#isFull) return;
    this.#isReading = true;
    this.#tasks.next().then(({ value, done }) => {
      if (done) this.#isEnded = true;
      else this.#ready.push(value);
    }, (reason) => {
      // The tasks that were read before are still run.
      this.failure = { reason };
      this.#isEnded = true;
    }).then(() => {
      this.#isReading = false;
      this.#read();
      this.wake();
    });
  }
}
