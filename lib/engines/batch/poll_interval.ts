/**
 * The time between two polls of a system, which grows while nothing changes.
 *
 * @module
 */

import { Backoff } from "../../util/time/backoff.ts";

/** The bounds and the growth of a polling interval. */
export interface PollPace {
  /** The shortest interval, from which growth starts, in milliseconds. */
  readonly leastMs: number;
  /** The longest interval, in milliseconds. */
  readonly mostMs: number;
  /** The factor that lengthens the interval after a poll without a change. */
  readonly growth: number;
  /**
   * True when a change divides the interval by the factor. When false, a change resets the interval
   * to the shortest.
   *
   * @default {false}
   */
  readonly shrinks?: boolean;
}

/**
 * Computes when the next poll is due.
 *
 * @example
 * ```ts
 * import { PollInterval } from "./poll_interval.ts";
 *
 * const interval = new PollInterval({ leastMs: 1000, mostMs: 60_000, growth: 2 });
 * if (interval.waitMs !== 0) throw new Error("the first poll is due at once");
 * interval.asked(false);
 * if (Math.round(interval.waitMs / 1000) !== 2) throw new Error("nothing has changed");
 * ```
 */
export class PollInterval {
  #backoff: Backoff;
  #ms: number;
  #at = 0;
  #isSoon = false;

  /** Creates an interval whose first poll is due at once. */
  constructor(readonly pace: PollPace) {
    const { leastMs, mostMs, growth } = pace;
    this.#backoff = new Backoff({ firstMs: leastMs, maxMs: mostMs, factor: growth });
    this.#ms = this.#backoff.next();
  }

  /** The time until the next poll is due, in milliseconds; 0 when a poll is due now. */
  get waitMs(): number {
    return Math.max(0, this.#at - performance.now());
  }

  /** Records that a poll begins. Its answer does not include what is expected afterwards. */
  begin(): void {
    this.#isSoon = false;
  }

  /** Records an answer. Shortens the interval after a change, and lengthens it otherwise. */
  asked(hasChanged: boolean): void {
    if (!hasChanged) this.#ms = this.#backoff.next();
    else this.#ms = this.pace.shrinks ? this.#backoff.shorten() : this.#restart();
    this.#at = performance.now() + this.#ms;
    if (this.#isSoon) this.soon();
  }

  /** Resets the interval to the shortest, for a caller that expects a change. */
  soon(): void {
    this.#isSoon = true;
    this.#ms = this.#restart();
    this.#at = Math.min(this.#at, performance.now() + this.#ms);
  }

  #restart(): number {
    this.#backoff.reset();
    return this.#backoff.next();
  }
}
