/**
 * The class `Timer` of the Python package (`dl_jobs.utils`): clock times and durations as text.
 *
 * Times are local. Month names are in English on every machine, which makes logs comparable. The
 * original writes them in the machine's language.
 *
 * @module
 */

import { counted } from "../util/text/counted.ts";
import { DAY, formatTime, HOUR, MINUTE, SECOND, two } from "../util/time/duration.ts";

/**
 * Measures the time between a start and a stop. A timer measures once: a second `start()` or
 * `stop()` changes nothing and returns the time of the first call.
 *
 * The Python package's `Timer` documents `end()` but does not define it, and its `duration()` fails
 * before `stop()`.
 *
 * @example
 * ```ts
 * import { Timer } from "dl_jobs";
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

  /**
   * Creates a timer that is not started.
   *
   * @param now the clock, in milliseconds since 1970.
   */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * Starts measuring.
   *
   * @returns the time of the start, such as `Nov 22 2026 11:20:05`.
   */
  start(): string {
    this.#startedAt ??= this.#now();
    return formatTime(new Date(this.#startedAt));
  }

  /**
   * Stops measuring.
   *
   * @returns the time of the stop, such as `Nov 22 2026 11:20:12`.
   * @throws {Error} when the timer was not started.
   */
  stop(): string {
    this.#started("stop the timer");
    this.#stoppedAt ??= this.#now();
    return formatTime(new Date(this.#stoppedAt));
  }

  /**
   * An alias of `stop()`.
   *
   * @returns the time of the stop.
   * @throws {Error} when the timer was not started.
   */
  end(): string {
    return this.stop();
  }

  /**
   * Returns the time from start to stop, or from start to now while the timer runs.
   *
   * @returns the time in milliseconds, or 0 when the machine's clock was set back since the start.
   * @throws {Error} when the timer was not started.
   */
  elapsed(): number {
    const startedAt = this.#started("tell a duration");
    return Math.max(0, (this.#stoppedAt ?? this.#now()) - startedAt);
  }

  /**
   * Returns the time from start to stop, or from start to now while the timer runs, as text.
   *
   * @returns the time in whole seconds, formatted like a Python timedelta, such as `0:00:07`.
   * @throws {Error} when the timer was not started.
   */
  duration(): string {
    return clockDuration(this.elapsed());
  }

  /**
   * Returns the current time as text.
   *
   * @returns the time, such as `Nov 22 2026 11:20:05`.
   */
  now(): string {
    return formatTime(new Date(this.#now()));
  }

  #started(action: string): number {
    if (this.#startedAt !== undefined) return this.#startedAt;
    throw new Error(`Cannot ${action}: the timer was not started, call start() first`);
  }
}

/** Formats a duration like a Python timedelta: the number of days, if any, and `H:MM:SS`. */
function clockDuration(ms: number): string {
  const days = Math.floor(ms / DAY);
  const hours = Math.floor(ms % DAY / HOUR);
  const clock = `${hours}:${two(ms % HOUR / MINUTE)}:${two(ms % MINUTE / SECOND)}`;
  return days === 0 ? clock : `${counted(days, "day")}, ${clock}`;
}
