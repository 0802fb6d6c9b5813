/**
 * Clock times and durations, as text. Times are local, as people look at the clock on their wall,
 * and always in English, so that a log reads the same on every machine.
 *
 * @module
 */

import { DAY, formatTime, HOUR, MINUTE, SECOND, two } from "../util/duration.ts";

/**
 * Measures the time between a start and a stop. A timer measures once: a second `start()` or
 * `stop()` changes nothing and gives the first one's time again. For a second run, make a new timer.
 *
 * @example
 * ```ts
 * import { Timer } from "./timer.ts";
 *
 * let clock = 0;
 * const timer = new Timer(() => clock);
 * timer.start();
 * clock += 61_000;
 * timer.stop();
 * if (timer.duration() !== "0:01:01") throw new Error(timer.duration());
 * ```
 */
export class Timer {
  readonly #now: () => number;
  #startedAt: number | undefined;
  #stoppedAt: number | undefined;

  /** Takes the clock, in milliseconds since 1970, that tests replace. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Starts measuring, and tells when that was: `Nov 22 2026 11:20:05`. */
  start(): string {
    this.#startedAt ??= this.#now();
    return formatTime(new Date(this.#startedAt));
  }

  /**
   * Stops measuring, and tells when that was.
   *
   * @throws {Error} When the timer was not started.
   */
  stop(): string {
    this.#started("stop the timer");
    this.#stoppedAt ??= this.#now();
    return formatTime(new Date(this.#stoppedAt));
  }

  /**
   * The same as `stop()`.
   *
   * @throws {Error} When the timer was not started.
   */
  end(): string {
    return this.stop();
  }

  /**
   * The milliseconds from start to stop, or to now while the timer runs. Never below 0, even when
   * the machine's clock was set back meanwhile.
   *
   * @throws {Error} When the timer was not started.
   */
  elapsed(): number {
    const startedAt = this.#started("tell a duration");
    return Math.max(0, (this.#stoppedAt ?? this.#now()) - startedAt);
  }

  /**
   * The time from start to stop, or to now while the timer runs: `0:00:07`, `1 day, 2:00:00`. Parts
   * of a second are cut off.
   *
   * @throws {Error} When the timer was not started.
   */
  duration(): string {
    return clockDuration(this.elapsed());
  }

  /** The time it is: `Nov 22 2026 11:20:05`. */
  now(): string {
    return formatTime(new Date(this.#now()));
  }

  #started(action: string): number {
    if (this.#startedAt !== undefined) return this.#startedAt;
    throw new Error(`Cannot ${action}: the timer was not started, call start() first`);
  }
}

/** `H:MM:SS` with the days in front, the way Python writes a timedelta. */
function clockDuration(ms: number): string {
  const days = Math.floor(ms / DAY);
  const hours = Math.floor(ms % DAY / HOUR);
  const clock = `${hours}:${two(ms % HOUR / MINUTE)}:${two(ms % MINUTE / SECOND)}`;
  return days === 0 ? clock : `${days} ${days === 1 ? "day" : "days"}, ${clock}`;
}
