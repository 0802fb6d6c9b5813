/**
 * The time between two questions to a system: longer while nothing changes, shorter when it does.
 *
 * @module
 */

/** The bounds of an interval, and the factors by which it moves between them. */
export interface PollPace {
  /** The shortest interval, which is also the first one, in milliseconds. */
  readonly leastMs: number;
  /** The longest interval, in milliseconds. */
  readonly mostMs: number;
  /** The factor of the next interval when nothing has changed. */
  readonly growth: number;
  /** The divisor of the next interval when something has changed. @default {Infinity} */
  readonly shrink?: number;
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
  #ms: number;
  #at = 0;

  /** Creates an interval whose first question is due at once. */
  constructor(readonly pace: PollPace) {
    this.#ms = pace.leastMs;
  }

  /** The time until the next question is due, in milliseconds. */
  get waitMs(): number {
    return Math.max(0, this.#at - performance.now());
  }

  /** Records that the question was asked, and whether something had changed. */
  asked(hasChanged: boolean): void {
    const { leastMs, mostMs, growth, shrink = Infinity } = this.pace;
    const ms = hasChanged ? this.#ms / shrink : this.#ms * growth;
    this.#ms = Math.min(Math.max(ms, leastMs), mostMs);
    this.#at = performance.now() + this.#ms;
  }

  /** Returns to the shortest interval: a change is expected. */
  soon(): void {
    this.#ms = this.pace.leastMs;
    this.#at = Math.min(this.#at, performance.now() + this.#ms);
  }
}
