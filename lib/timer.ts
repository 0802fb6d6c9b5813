/**
 * Clock times and durations, as text. Times are local, as people look at the clock on their wall,
 * and always in English, so that a log reads the same on every machine.
 *
 * @module
 */

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

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

/**
 * Writes a time for people, in local time: `Nov 22 2026 11:20:05`.
 *
 * @example
 * ```ts
 * import { formatTime } from "./timer.ts";
 *
 * const text = formatTime(new Date(2026, 10, 22, 11, 20, 5));
 * if (text !== "Nov 22 2026 11:20:05") throw new Error(text);
 * ```
 *
 * @throws {RangeError} When the date is invalid.
 */
export function formatTime(date: Date): string {
  const { year, day, clock } = parts(date);
  return `${MONTHS[date.getMonth()]} ${day} ${year} ${clock.join(":")}`;
}

/**
 * Writes a time for the name of a file, in local time: `20261122T112005`. Names sort by time, and
 * hold no colon (Windows refuses it) and no blank. Two calls in the same second give the same text.
 *
 * @example
 * ```ts
 * import { timestamp } from "./timer.ts";
 *
 * const text = timestamp(new Date(2026, 10, 22, 11, 20, 5));
 * if (text !== "20261122T112005") throw new Error(text);
 * ```
 *
 * @throws {RangeError} When the date is invalid.
 */
export function timestamp(date: Date): string {
  const { year, month, day, clock } = parts(date);
  return `${year}${month}${day}T${clock.join("")}`;
}

/** The fields of a local time, each with its leading zeros. */
function parts(date: Date): { year: string; month: string; day: string; clock: string[] } {
  if (Number.isNaN(date.getTime())) {
    throw new RangeError("Cannot write a time: the date is invalid, check where it comes from");
  }
  return {
    year: String(date.getFullYear()).padStart(4, "0"),
    month: two(date.getMonth() + 1),
    day: two(date.getDate()),
    clock: [date.getHours(), date.getMinutes(), date.getSeconds()].map(two),
  };
}

/**
 * Writes a duration in milliseconds for people, with the two units that matter: `340 ms`, `12.3 s`,
 * `4 min 05 s`, `2 h 03 min`. The rest is cut off, not rounded, so `60.0 s` cannot appear. A
 * negative duration, from a clock that was set back, is `0 ms`.
 *
 * @example
 * ```ts
 * import { formatDuration } from "./timer.ts";
 *
 * const texts = [340, 12_345, 245_000].map(formatDuration);
 * if (texts.join(", ") !== "340 ms, 12.3 s, 4 min 05 s") throw new Error(texts.join(", "));
 * ```
 *
 * @throws {RangeError} When the duration is not a finite number.
 */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) {
    throw new RangeError(`Cannot write the duration ${ms}: give finite milliseconds`);
  }
  if (ms < SECOND) return `${Math.floor(Math.max(0, ms))} ms`;
  if (ms < MINUTE) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ${two(ms % MINUTE / SECOND)} s`;
  return `${Math.floor(ms / HOUR)} h ${two(ms % HOUR / MINUTE)} min`;
}

/** `H:MM:SS` with the days in front, the way Python writes a timedelta. */
function clockDuration(ms: number): string {
  const days = Math.floor(ms / DAY);
  const hours = Math.floor(ms % DAY / HOUR);
  const clock = `${hours}:${two(ms % HOUR / MINUTE)}:${two(ms % MINUTE / SECOND)}`;
  return days === 0 ? clock : `${days} ${days === 1 ? "day" : "days"}, ${clock}`;
}

/** The whole part of a number, with at least two digits. */
function two(value: number): string {
  return String(Math.floor(value)).padStart(2, "0");
}
