/**
 * Which failures are followed by another attempt, and the stream of tasks that grows by them.
 *
 * @module
 */

import type { Failure } from "./event.ts";
import { joinTasks, type TaskBatch, withAttempt } from "./task.ts";

const MAX_LOST = 5;

/** The tasks of a list, and behind them those to try again, until each of them has ended. */
export class Attempts implements AsyncIterable<TaskBatch> {
  #again: { id: number; line: Uint8Array }[] = [];
  #lost = new Map<number, number>();
  #open = 0;
  #changed = Promise.withResolvers<void>();

  /**
   * @param tasks the list
   * @param maxAttempts how often a task is tried
   * @param gate waited for before more of the list is read, with the last id that was
   */
  constructor(
    readonly tasks: AsyncIterable<TaskBatch>,
    readonly maxAttempts: number,
    readonly gate: (read: number) => Promise<void> = async () => {},
  ) {}

  /** Whether an attempt that failed is followed by another; if so, its task comes again. */
  retry({ event, task }: Failure): boolean {
    if (event.type === "lost" && !this.#mayBeLost(event.id)) return false;
    // What the engine lost is not the task's fault.
    const attempt = event.type === "lost" ? event.attempt : event.attempt + 1;
    if (attempt > this.maxAttempts) return false;
    this.#again.push({ id: event.id, line: withAttempt(task, event.id, attempt) });
    this.#wake();
    return true;
  }

  /** Takes note of tasks that have ended. */
  end(count: number): void {
    this.#open -= count;
    if (this.#open === 0) this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TaskBatch> {
    for await (const batch of this.tasks) {
      this.#open += batch.ids.length;
      yield batch;
      if (this.#again.length > 0) yield this.#takeAgain();
      await this.gate(batch.ids.at(-1)!);
    }
    while (this.#open > 0) {
      if (this.#again.length > 0) yield this.#takeAgain();
      else await this.#changed.promise;
    }
  }

  // A task that is lost again and again has a hand in it.
  #mayBeLost(id: number): boolean {
    const times = (this.#lost.get(id) ?? 0) + 1;
    this.#lost.set(id, times);
    return times <= MAX_LOST;
  }

  #takeAgain(): TaskBatch {
    const again = this.#again;
    this.#again = [];
    return joinTasks(again);
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
