/**
 * A limit on concurrent work.
 *
 * @module
 */

/**
 * Runs functions, up to a number of them at the same time, in the order of the calls.
 *
 * @example
 * ```ts
 * import { Slots } from "./slots.ts";
 *
 * const slots = new Slots(1), order: number[] = [];
 * const first = slots.run(async () => void order.push(1));
 * await slots.run(async () => void order.push(2));
 * await first;
 * if (order.join() !== "1,2") throw new Error(order.join());
 * ```
 */
export class Slots {
  #free: number;
  #waiting: (() => void)[] = [];

  /** Creates a number of free slots. */
  constructor(count: number) {
    this.#free = count;
  }

  /** Runs a function as soon as a slot is free. */
  async run<T>(fn: () => Promise<T>): Promise<T> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free--;
    try {
      return await fn();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
