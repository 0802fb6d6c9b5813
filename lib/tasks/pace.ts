/**
 * The pace at which the tasks of a job may begin.
 *
 * @module
 */

/** Decides when tasks may begin. Queues ask it before they hand tasks to a worker. */
export class Pace {
  #isPaused = false;
  #watchers = new Set<() => void>();

  /** True while no task may begin. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  set isPaused(isPaused: boolean) {
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    this.#changed();
  }

  /** What holds tasks back, such as `paused`; an empty text for nothing. */
  get note(): string {
    return this.#isPaused ? "paused" : "";
  }

  /** Calls a function whenever more tasks may begin, or fewer. Returns a function that ends this. */
  watch(fn: () => void): () => void {
    this.#watchers.add(fn);
    return () => void this.#watchers.delete(fn);
  }

  /** Waits until a task may begin, or a signal aborts. */
  async untilFree(signals: readonly AbortSignal[]): Promise<void> {
    while (this.#isPaused && !signals.some(({ aborted }) => aborted)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const end = this.watch(resolve);
      for (const signal of signals) signal.addEventListener("abort", () => resolve());
      await promise;
      end();
    }
  }

  #changed(): void {
    for (const fn of [...this.#watchers]) fn();
  }
}
