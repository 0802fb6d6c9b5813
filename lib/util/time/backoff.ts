/**
 * Computes increasing waits between attempts.
 *
 * @module
 */

/** The first wait, the longest wait, and the growth between them. */
export interface BackoffOptions {
  /** The first and shortest wait, in milliseconds. */
  readonly firstMs: number;
  /** The longest wait, in milliseconds. */
  readonly maxMs: number;
  /** The ratio of each wait to the previous wait. @default {2} */
  readonly factor?: number | undefined;
}

/**
 * Returns the wait before the next attempt.
 *
 * @example
 * ```ts
 * import { backoffMs } from "./backoff.ts";
 *
 * const waits = [1, 2, 3, 9].map((tries) => backoffMs(tries, { firstMs: 1000, maxMs: 60_000 }));
 * if (waits.join() !== "1000,2000,4000,60000") throw new Error(waits.join());
 * ```
 *
 * @param tries the number of attempts so far, from 1
 * @returns the wait in milliseconds, without jitter
 */
export function backoffMs(tries: number, { firstMs, maxMs, factor = 2 }: BackoffOptions): number {
  // Infinite growth times a first wait of 0 would be NaN.
  const growth = Math.min(factor ** (tries - 1), Number.MAX_VALUE);
  return Math.min(firstMs * growth, maxMs);
}

/**
 * The wait between two polls of a system with rare changes. The wait grows while nothing changes,
 * and is short again after a change.
 *
 * @example
 * ```ts
 * import { Backoff } from "./backoff.ts";
 *
 * const backoff = new Backoff({ firstMs: 100, maxMs: 300 });
 * const waits = [backoff.next(), backoff.next(), backoff.next(), backoff.shorten()];
 * if (waits.join() !== "100,200,300,150") throw new Error(waits.join());
 * backoff.reset();
 * if (backoff.next() !== 100) throw new Error("not the first wait");
 * ```
 */
export class Backoff {
  #firstMs: number;
  #maxMs: number;
  #factor: number;
  /** The last wait, in milliseconds; 0 before the first wait. */
  #ms = 0;

  /** Creates a backoff that starts at the first wait. */
  constructor({ firstMs, maxMs, factor = 2 }: BackoffOptions) {
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
    this.#factor = factor;
  }

  /**
   * Returns the next wait in milliseconds: the first wait, or `factor` times the last wait, up to
   * `maxMs`.
   */
  next(): number {
    return this.#ms = this.#within(this.#ms * this.#factor);
  }

  /**
   * Returns the last wait divided by `factor`, in milliseconds. Further waits continue from this
   * value.
   */
  shorten(): number {
    return this.#ms = this.#within(this.#ms / this.#factor);
  }

  /** Starts again at the first wait. */
  reset(): void {
    this.#ms = 0;
  }

  #within(ms: number): number {
    return Math.min(Math.max(ms, this.#firstMs), this.#maxMs);
  }
}
