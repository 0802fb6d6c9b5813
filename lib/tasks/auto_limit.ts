/**
 * The number of tasks that run at a time, adapted to the services that tasks use.
 *
 * @module
 */

import type { TaskRate } from "./rates.ts";

// The limit is adapted once a window: after as many tasks as run at a time, at least in this time.
const LEAST_WINDOW_MS = 200, LEAST_WINDOW_TASKS = 8;
const AFTER_LATE = 0.5, AFTER_LIMIT = 0.7, AFTER_RISE = 0.8;
// The factors by which the mean time of a task may exceed the shortest one: for a larger limit, and
// for the same one. Tasks may become slower for other reasons, so the shortest time drifts.
const GROWING_RISE = 1.5, MOST_RISE = 2, DRIFT = 1.005;
// The rate after a limit, as a part of what succeeded before: until it is known, and then.
const FIRST_CUT = 0.7, LATER_CUT = 0.92, STEADY_CUT = 0.9, STEADY_MS = 4000;
// The time in which the rate grows back to its value before a limit, and then beyond.
const RECOVERY_MS = 6000;
const MEASURE_MS = 100;

/**
 * Limits tasks by additive increase and multiplicative decrease: of their number after tasks that
 * took too long, and of their number and rate after limits.
 */
export class AutoLimit {
  #limit = 2;
  #isGrowing = true;
  #inFlight = 0;
  #peak = 0;
  /** The sum of the times of all tasks in the window, up to `#seen`. */
  #busyMs = 0;
  #seen = 0;
  #window = { from: 0, ended: 0 };
  #shortest = Infinity;
  #last = 0;
  /** The tasks that have ended after the first one since the last limit, and the time of that one. */
  #epoch: { readonly from: number; ended: number } | undefined;
  /** The rate before the last limit, in tasks per millisecond. */
  #most = 0;
  #limitedAt = -Infinity;
  #clock = 0;

  /**
   * Creates the limit of a run.
   *
   * @param bound the largest number of tasks that run at a time
   */
  constructor(readonly bound: number) {
    this.#limit = Math.min(2, bound);
  }

  /** True when no more tasks may begin before one ends. */
  get isFull(): boolean {
    return this.#inFlight >= Math.floor(this.#limit);
  }

  /** The present limit. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** The limit as text. */
  get note(): string {
    const { rate } = this, most = `at most ${this.limit} at a time`;
    return rate ? `${most}, ${Number((1000 / rate.everyMs).toPrecision(2))}/s` : most;
  }

  /** The rate that the limits of services leave; undefined before the first one. */
  get rate(): TaskRate | undefined {
    if (this.#most === 0) return undefined;
    const t = Math.max(0, this.#clock - this.#limitedAt) / RECOVERY_MS, cut = 1 - LATER_CUT;
    // A cubic curve: flat near the rate of the last limit, and steep far from it.
    const perMs = this.#most * (1 + cut * (t - 1) ** 3);
    return { everyMs: 1 / perMs, burst: 1 };
  }

  /** Notes that a task begins. */
  begun(now: number): void {
    this.#pass(now);
    this.#inFlight++;
    this.#peak = Math.max(this.#peak, this.#inFlight);
  }

  /** Notes that tasks which have begun were not run. */
  returned(count: number): void {
    this.#inFlight = Math.max(0, this.#inFlight - count);
  }

  /** Notes that tasks have ended, and how many of them because they took too long. */
  ended(count: number, late: number, now: number): void {
    this.#pass(now);
    this.#inFlight = Math.max(0, this.#inFlight - count);
    this.#window.ended += count;
    if (this.#epoch) this.#epoch.ended += count;
    // The time in which workers start does not count.
    else this.#epoch = { from: now, ended: count - 1 };
    if (late > 0) this.#shrink(AFTER_LATE, now);
    else this.#adapt(now);
  }

  /**
   * Notes that a service has limited a task. Limits of tasks that began earlier count once.
   *
   * @param wait the time in which no task begins, in milliseconds
   */
  limited(now: number, wait: number): void {
    this.#pass(now);
    this.#inFlight = Math.max(0, this.#inFlight - 1);
    if (now < this.#limitedAt) return;
    const { from = now, ended = 0 } = this.#epoch ?? {};
    const measured = Math.max(1, ended) / Math.max(MEASURE_MS, now - from), known = this.rate;
    const isSteady = this.#most > 0 && now - this.#limitedAt > STEADY_MS;
    const most = known ? Math.min(measured, 1 / known.everyMs) : measured;
    // Over a long time, the mean is less than what was allowed at its end.
    if (known && isSteady) this.#most = Math.max(most, STEADY_CUT / known.everyMs);
    else this.#most = most * FIRST_CUT / LATER_CUT;
    this.#limitedAt = now + wait;
    this.#shrink(AFTER_LIMIT, now);
    this.#epoch = undefined;
  }

  #pass(now: number): void {
    if (this.#seen === 0) this.#window.from = this.#seen = now;
    this.#busyMs += this.#inFlight * (now - this.#seen);
    this.#seen = this.#clock = now;
  }

  #adapt(now: number): void {
    const { from, ended } = this.#window, ms = now - from;
    if (ms < LEAST_WINDOW_MS || ended < Math.max(LEAST_WINDOW_TASKS, this.#limit)) return;
    const each = this.#busyMs / ended, perMs = ended / ms;
    this.#shortest = Math.min(this.#shortest * DRIFT, each);
    const isUsed = this.#peak >= this.limit, isNoMore = perMs < this.#last * 1.05;
    const isSlower = isUsed && isNoMore && each > MOST_RISE * this.#shortest;
    this.#last = perMs;
    if (isSlower) return this.#shrink(AFTER_RISE, now);
    if (isUsed && each <= GROWING_RISE * this.#shortest) this.#grow();
    this.#restart(now);
  }

  #grow(): void {
    this.#limit = Math.min(this.bound, this.#isGrowing ? this.#limit * 2 : this.#limit + 1);
  }

  #shrink(factor: number, now: number): void {
    this.#isGrowing = false;
    this.#limit = Math.max(1, this.#limit * factor);
    this.#restart(now);
  }

  #restart(now: number): void {
    this.#window = { from: now, ended: 0 };
    this.#busyMs = 0;
    this.#peak = this.#inFlight;
  }
}
