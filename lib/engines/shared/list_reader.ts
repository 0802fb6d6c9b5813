/**
 * Reads a list of tasks in the background.
 *
 * @module
 */

import type { TaskBatch } from "../../tasks/batch.ts";

/** Reads a list ahead of what takes its tasks, so that neither waits for the other. */
export abstract class ListReader {
  /** True when no more tasks will be read. */
  isEnded = false;
  /** The error that ended reading; `undefined` without an error. */
  failure: { readonly reason: unknown } | undefined;
  #tasks: AsyncIterator<TaskBatch>;
  #isReading = false;
  #changed = Promise.withResolvers<void>();

  /** Creates a reader that has not begun. */
  constructor(tasks: AsyncIterable<TaskBatch>) {
    this.#tasks = tasks[Symbol.asyncIterator]();
  }

  /** True when no more batches have room. */
  protected abstract get isFull(): boolean;

  /** Takes the next batch of the list. */
  protected abstract add(batch: TaskBatch): void;

  /** Resolves after more tasks were read, the list has ended, or a call of {@linkcode wake}. */
  get changed(): Promise<void> {
    return this.#changed.promise;
  }

  /** Wakes all that wait for a change. */
  wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Stops reading the list. */
  async close(): Promise<void> {
    this.isEnded = true;
    // return() would wait for the pending read, and a slow list may never complete that read.
    if (!this.#isReading) await this.#tasks.return?.();
  }

  /** Reads the list in the background until there is no more room. */
  protected readAhead(): void {
    if (this.#isReading || this.isEnded || this.isFull) return;
    this.#isReading = true;
    this.#tasks.next().then(({ value, done }) => {
      if (done) this.isEnded = true;
      else this.add(value);
    }, (reason) => {
      // The tasks that were read before the error still run.
      this.failure = { reason };
      this.isEnded = true;
    }).then(() => {
      this.#isReading = false;
      this.readAhead();
      this.wake();
    });
  }
}
