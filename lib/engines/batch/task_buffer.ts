import type { TaskBatch } from "../../tasks/batch.ts";

/** How many tasks, and how many bytes of arguments, may wait or be under way. */
export interface Window {
  readonly tasks: number;
  readonly bytes: number;
}

/** Tasks that come in, and are taken by the thousands when they have come to a stop. */
export class TaskBuffer {
  /** How many wait here, and the length of their arguments. */
  count = 0;
  bytes = 0;
  /** When the first of them came, and when the last, by `performance.now()`. */
  first = performance.now();
  last = performance.now();
  isEnded = false;
  /** Why the list could not be read to its end, if it could not. */
  failure: { readonly reason: unknown } | undefined;
  #tasks: AsyncIterator<TaskBatch>;
  #ready: TaskBatch[] = [];
  #isReading = false;
  #changed = Promise.withResolvers<void>();

  constructor(tasks: AsyncIterable<TaskBatch>, readonly window: Window) {
    this.#tasks = tasks[Symbol.asyncIterator]();
  }

  /** Settled when something has come in, or nothing more will. */
  get changed(): Promise<void> {
    return this.#changed.promise;
  }

  /** Reads on, in the background, unless too much is here or elsewhere under way. */
  read(underway: Window): void {
    const { tasks, bytes } = this.window;
    const isFull = this.count + underway.tasks >= tasks || this.bytes + underway.bytes >= bytes;
    if (this.#isReading || this.isEnded || isFull) return;
    this.#isReading = true;
    this.#tasks.next().then(({ value, done }) => {
      if (done) this.isEnded = true;
      else this.#add(value);
    }, (reason) => {
      // What was read before is still run.
      this.failure = { reason };
      this.isEnded = true;
    }).then(() => {
      this.#isReading = false;
      this.read(underway);
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    });
  }

  /** The tasks that have waited longest, at most so many, all with the same limits. */
  take(most: number): TaskBatch[] {
    const { limits } = this.#ready[0] ?? {};
    let left = most, end = 0;
    while (left > 0 && end < this.#ready.length && this.#ready[end]!.limits === limits) {
      left -= this.#ready[end++]!.count;
    }
    // All at once: from the front of a long list a single one is not taken in no time.
    const taken = this.#ready.splice(0, end), last = taken.at(-1);
    if (last && left < 0) {
      taken[end - 1] = last.slice(0, last.count + left);
      this.#ready.unshift(last.slice(last.count + left));
    }
    this.#count(taken, -1);
    return taken;
  }

  /** Puts tasks back that were not begun. */
  giveBack(batches: readonly TaskBatch[]): void {
    this.#ready.unshift(...batches);
    this.#count(batches, 1);
  }

  /** Reads no more of the list. */
  async close(): Promise<void> {
    this.isEnded = true;
    // A list that is being waited for ends when it likes.
    if (!this.#isReading) await this.#tasks.return?.();
  }

  #add(batch: TaskBatch): void {
    this.last = performance.now();
    if (this.count === 0) this.first = this.last;
    this.#ready.push(batch);
    this.#count([batch], 1);
  }

  #count(batches: readonly TaskBatch[], sign: 1 | -1): void {
    for (const { count, bytes } of batches) {
      this.count += sign * count;
      this.bytes += sign * bytes.length;
    }
  }
}
