/**
 * Limits the number of things that happen at a time.
 *
 * @module
 */

/**
 * The number of connections that begin at a time. A server of ssh, which may be the jump host of all,
 * refuses connections when more than 10 have not signed in.
 */
export const MOST_STARTS = 8;

/**
 * Turns, of which a limited number is taken at a time.
 *
 * @example
 * ```ts
 * import { Turns } from "./turns.ts";
 *
 * const turns = new Turns(1), order: number[] = [];
 * const end = await turns.take();
 * const second = turns.take().then((end) => (order.push(2), end()));
 * order.push(1);
 * end();
 * await second;
 * if (order.join() !== "1,2") throw new Error(order.join());
 * ```
 */
export class Turns {
  #free: number;
  #waiting: (() => void)[] = [];

  /** Creates turns, of which `most` can be taken at a time. */
  constructor(most: number) {
    this.#free = most;
  }

  /** Waits for a turn, and returns the function that ends it. */
  async take(): Promise<() => void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return () => this.#end();
  }

  #end(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
