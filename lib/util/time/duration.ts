/**
 * Formats clock times and durations.
 *
 * @module
 */

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** A second in milliseconds. */
export const SECOND = 1_000;
/** A minute in milliseconds. */
export const MINUTE = 60 * SECOND;
/** An hour in milliseconds. */
export const HOUR = 60 * MINUTE;
/** A day in milliseconds. */
export const DAY = 24 * HOUR;

/**
 * Formats a time for a user, in local time: `Nov 22 2026 11:20:05`.
 *
 * @example
 * ```ts
 * import { formatTime } from "./duration.ts";
 *
 * const text = formatTime(new Date(2026, 10, 22, 11, 20, 5));
 * if (text !== "Nov 22 2026 11:20:05") throw new Error(text);
 * ```
 *
 * @throws {RangeError} when the date is invalid.
 */
export function formatTime(date: Date): string {
  const { year, day, clock } = parts(date);
  return `${MONTHS[date.getMonth()]} ${day} ${year} ${clock.join(":")}`;
}

/**
 * Formats a time for a user, in local time with its zone: `2026-11-22 11:20:05 +01:00`.
 *
 * @example
 * ```ts
 * import { zonedTime } from "./duration.ts";
 *
 * const text = zonedTime(new Date(2026, 10, 22, 11, 20, 5));
 * if (!/^2026-11-22 11:20:05 [+-]\d\d:\d\d$/.test(text)) throw new Error(text);
 * ```
 *
 * @throws {RangeError} when the date is invalid.
 */
export function zonedTime(date: Date): string {
  const { year, month, day, clock } = parts(date), offset = -date.getTimezoneOffset();
  const zone = `${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`;
  return `${year}-${month}-${day} ${clock.join(":")} ${offset < 0 ? "-" : "+"}${zone}`;
}

/** Formats a time for a line of a log, in local time with milliseconds: `2026-11-22 11:20:05.123`. */
export function logTime(date: Date): string {
  const { year, month, day, clock } = parts(date);
  const ms = String(date.getMilliseconds()).padStart(3, "0");
  return `${year}-${month}-${day} ${clock.join(":")}.${ms}`;
}

/**
 * Formats a time for a file name, in local time: `20261122T112005`. The texts sort by time. A text
 * contains no space, and no colon, which Windows does not allow. Two calls in the same second
 * return the same text.
 *
 * @example
 * ```ts
 * import { timestamp } from "./duration.ts";
 *
 * const text = timestamp(new Date(2026, 10, 22, 11, 20, 5));
 * if (text !== "20261122T112005") throw new Error(text);
 * ```
 *
 * @throws {RangeError} when the date is invalid.
 */
export function timestamp(date: Date): string {
  const { year, month, day, clock } = parts(date);
  return `${year}${month}${day}T${clock.join("")}`;
}

/** Returns the fields of a local time, with leading zeros. */
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
 * Formats a duration in milliseconds for a user, in its two largest units: `340 ms`, `12.3 s`,
 * `4 min 05 s`, `2 h 03 min`, and from two days on `330 d 21 h`. The rest is truncated, not rounded,
 * so `60.0 s` cannot appear. A negative duration, for example after the clock was set back, becomes
 * `0 ms`.
 *
 * @example
 * ```ts
 * import { formatDuration } from "./duration.ts";
 *
 * const texts = [340, 12_345, 245_000].map(formatDuration);
 * if (texts.join(", ") !== "340 ms, 12.3 s, 4 min 05 s") throw new Error(texts.join(", "));
 * ```
 *
 * @throws {RangeError} when the duration is not a finite number.
 */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) {
    throw new RangeError(`Cannot write the duration ${ms}: pass finite milliseconds`);
  }
  if (ms < SECOND) return `${Math.floor(Math.max(0, ms))} ms`;
  if (ms < MINUTE) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ${two(ms % MINUTE / SECOND)} s`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h ${two(ms % HOUR / MINUTE)} min`;
  return `${Math.floor(ms / DAY)} d ${two(ms % DAY / HOUR)} h`;
}

/** Returns the whole part of a number, with at least two digits. */
export function two(value: number): string {
  return String(Math.floor(value)).padStart(2, "0");
}
