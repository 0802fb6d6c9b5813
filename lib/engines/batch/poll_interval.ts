/**
 * The time between two questions to a system: longer while nothing changes, shorter when it does.
 *
 * @module
 */

import { Backoff } from "../../util/backoff.ts";

/** The bounds of an interval, and its movement between them. */
export interface PollPace {
  /** The shortest interval, which is also the first one, in milliseconds. */
  readonly leastMs: number;
  /** The longest interval, in milliseconds. */
  readonly mostMs: number;
  /** The factor of the next interval when nothing has changed. */
  readonly growth: number;
  /**
   * True when a change divides the interval by the factor; otherwise it returns to the shortest one.
   *
   * @default {false}
   */
  readonly shrinks?: boolean;
}

/**
 * Says when the next question is due.
 *
 * @example
 * ```ts
 * import { PollInterval } from "./poll_interval.ts";
 *
 * const interval = new PollInterval({ leastMs: 1000, mostMs: 60_000, growth: 2 });
 * if (interval.waitMs !== 0) throw new Error("the first question is due at once");
 * interval.asked(false);
 * if (Math.round(interval.waitMs / 1000) !== 2) throw new Error("nothing has changed");
 * ```
 */
export class PollInterval {
  #backoff: Backoff;
  #ms: number;
  #at = 0;

  /** Creates an interval whose first question is due at once. */
  constructor(readonly pace: PollPace) {
    const { leastMs, mostMs, growth } = pace;
    this.#backoff = new Backoff({ firstMs: leastMs, maxMs: mostMs, factor: growth });
    this.#ms = this.#backoff.next();
  }

  /** The time until the next question is due, in milliseconds. */
  get waitMs(): number {
    return Math.max(0, this.#at - performance.now());
  }

  /** Records that the question was asked, and whether something had changed. */
  asked(hasChanged: boolean): void {
    if (!hasChanged) this.#ms = this.#backoff.next();
    else this.#ms = this.pace.shrinks ? this.#backoff.shorten() : this.#restart();
    this.#at = performance.now() + this.#ms;
  }

  /** Returns to the shortest interval: a change is expected. */
  soon(): void {
    this.#ms = this.#restart();
    this.#at = Math.min(this.#at, performance.now() + this.#ms);
  }

  #restart(): number {
    this.#backoff.reset();
    return this.#backoff.next();
  }
}
