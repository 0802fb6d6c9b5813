/**
 * The options of a job that can change while it runs.
 *
 * @module
 */

/** The values in force. */
export interface LiveValues {
  /** The number of concurrent workers. @default {the engine's choice} */
  readonly workers?: number | undefined;
  /** The longest run time of one attempt, in milliseconds. @default {no limit} */
  readonly timeout?: number | undefined;
  /** The most memory that one worker may use, in bytes. @default {no limit} */
  readonly memory?: number | undefined;
}

/** The values in force, and the engines' parts that follow them. */
export class LiveOptions {
  #watchers = new Set<() => void>();

  /** Creates the options of a run. */
  constructor(public values: LiveValues) {}

  /** Changes values. */
  change(values: LiveValues): void {
    this.values = { ...this.values, ...values };
    for (const fn of [...this.#watchers]) fn();
  }

  /** Calls a function after each change. Returns a function that ends this. */
  watch(fn: () => void): () => void {
    this.#watchers.add(fn);
    return () => void this.#watchers.delete(fn);
  }
}
