/**
 * Formats numbers, durations and times for the page.
 *
 * @module
 */

import type { JobCounts } from "../../job_dir/record.ts";
import type { TaskTotal } from "../../job_dir/task_total.ts";
import type { TaskError } from "../../journal/format.ts";
import { lastStates } from "../../journal/log_text.ts";
import { escapeControls } from "../../terminal/escape.ts";
import { shorten } from "../../util/text/shorten.ts";
import { formatDuration, two } from "../../util/time/duration.ts";

const NUMBER = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });
const COUNT = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const PROGRESS = new Intl.NumberFormat("en", {
  notation: "compact",
  maximumFractionDigits: 1,
  roundingMode: "floor",
} as Intl.NumberFormatOptions);

/** Formats an integer: `1,234,567`. */
export const countText = (count: number): string => COUNT.format(count);

/**
 * Formats a number with at most four significant digits. Very large and very small numbers have an
 * exponent.
 */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e15)) return value.toPrecision(3);
  return NUMBER.format(value);
}

/**
 * Formats the numbers of an axis, such as `500K`, `1M` and `1.5M`, with as many digits as show the
 * distance between them.
 */
export function axisTexts(values: readonly number[]): string[] {
  const steps = values.slice(1).map((value, i) => Math.abs(value - values[i]!));
  const step = Math.min(...steps.filter((one) => one > 0));
  const isExact = (digits: number) =>
    values.every((value) => Math.abs(Number(value.toPrecision(digits)) - value) <= step / 10);
  let digits = LEAST_DIGITS;
  while (digits < MOST_DIGITS && !isExact(digits)) digits++;
  const isShort = digits <= MOST_COMPACT;
  const format = new Intl.NumberFormat("en", {
    notation: isShort ? "compact" : "standard",
    maximumSignificantDigits: digits,
  });
  return values.map((value) => {
    const size = Math.abs(value), isExtreme = size >= 1e15 || (size < 1e-4 && size > 0);
    if (!isExtreme) return format.format(value);
    return value.toExponential(digits - 1).replace(/\.?0+e/, "e");
  });
}

const LEAST_DIGITS = 3, MOST_DIGITS = 15;
// With more digits, a unit such as M would make a number longer.
const MOST_COMPACT = 5;

/** Formats a longitude or a latitude, such as `179°W`, with the letters of both directions. */
export function degreesText(value: number, positive: string, negative: string): string {
  // Beyond the date line, the other direction is counted.
  const turned = Math.abs(value) > 180 ? value - Math.sign(value) * 360 : value;
  const text = `${Number(Math.abs(turned).toFixed(3))}°`;
  return turned === 0 ? text : text + (turned > 0 ? positive : negative);
}

/** Formats a count of tasks, rounded down, so that a part never looks like the whole: `1.9M`. */
export const progressText = (count: number): string => PROGRESS.format(count);

/** Formats a count with its noun: `1 task`, `2 tasks`. */
export function plural(count: number, word: string): string {
  return `${countText(count)} ${word}${count === 1 ? "" : "s"}`;
}

/** Formats a duration in milliseconds: `0.4 ms`, `340 ms`, `12.3 s`. */
export function durationText(ms: number): string {
  return ms > 0 && ms < 10 ? `${Number(ms.toPrecision(2))} ms` : formatDuration(ms);
}

/**
 * Reads a duration that a user typed, such as `2 s`, `500ms` or `1.5 min`. A number without a unit is
 * in seconds.
 *
 * @returns the duration in milliseconds, 0 for the empty text, `undefined` for any other text
 */
export function parseDuration(text: string): number | undefined {
  if (text.trim() === "") return 0;
  const [, number, unit = "s"] = /^\s*(\d+(?:\.\d*)?|\.\d+)\s*(ms|s|min|m|h|d)?\s*$/.exec(text) ??
    [];
  return number === undefined ? undefined : Number(number) * UNIT_MS[unit as "s"];
}

const UNIT_MS = { ms: 1, s: 1000, min: 60_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Formats the edge of a histogram bin, in milliseconds, with two significant digits: `2.5 s`. */
export function edgeText(ms: number): string {
  const [, unit, name] = UNITS.find(([least]) => ms >= least)!;
  return `${Number((ms / unit).toPrecision(2))} ${name}`;
}

/** The minimum duration for each unit, the unit's length (both in milliseconds) and its symbol. */
const UNITS: readonly (readonly [number, number, string])[] = [
  [172_800_000, 86_400_000, "d"],
  [3_600_000, 3_600_000, "h"],
  [600_000, 60_000, "min"],
  [1000, 1000, "s"],
  [0, 1, "ms"],
];

/** Formats a duration in seconds for an axis: 90 is `1:30`. */
export function clockText(seconds: number): string {
  if (seconds > 0 && seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${Number(seconds.toFixed(2))} s`;
  const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds % 3600 / 60);
  const rest = two(seconds % 60);
  return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** Formats a point in time in the user's time zone and language. */
export function timeText(time: string | number): string {
  return new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

/** Formats the time elapsed since a point in time: `59 min ago`. */
export function agoText(time: string, now: number): string {
  const ms = now - Date.parse(time), days = Math.floor(ms / 86_400_000);
  if (days > 0) return `${plural(days, "day")} ago`;
  if (ms < 60_000) return "just now";
  return ms < 3_600_000
    ? `${Math.floor(ms / 60_000)} min ago`
    : `${Math.floor(ms / 3_600_000)} h ago`;
}

/**
 * Returns the title of a job's page: `67 %: tiles, dl_jobs` while it runs, or `2K done` while more of
 * its list may follow.
 */
export function titleText(
  job: JobCounts & TaskTotal & { readonly name: string; readonly state: string },
): string {
  const { name, state, total, isPartial, succeeded, failed } = job, done = succeeded + failed;
  const part = total > 0 ? Math.floor(100 * done / total) : 0;
  const progress = isPartial ? `${progressText(done)} done` : `${part} %`;
  return `${state === "running" ? progress : state}: ${name}, dl_jobs`;
}

/**
 * Formats a value on one line, as JSON unless it is a string. A long decimal fraction has seven
 * significant digits; an integer, which may be an id or a date, has all of its digits. Characters that
 * change the order of a line are shown as escapes.
 */
export function cellText(value: unknown): string {
  if (typeof value === "string") return escapeControls(value);
  const text = escapeControls(jsonText(value));
  const isLong = typeof value === "number" && text.length > MAX_NUMBER && !Number.isInteger(value);
  return isLong ? String(Number(value.toPrecision(7))) : text;
}

const MAX_NUMBER = 12;

/**
 * Formats the output or the error of a task as a terminal shows it: without colours, and with the last
 * state of a line that the task has overwritten, such as a progress bar. Other control characters are
 * shown as escapes.
 */
export function shownOutput(text: string): string {
  return escapeControls(lastStates(text));
}

/** Returns the stack of an error, after its message if the stack lacks it, as that of a timeout. */
export function stackWithMessage({ type, message, stack }: TaskError): string {
  const head = `${type}: ${message}`;
  if (stack === undefined) return head;
  const hasHead = stack.startsWith(type) || stack.includes(message);
  return hasHead ? stack : `${head}\n${stack}`;
}

/** Returns the JSON of a value, or a note for a value that is nested too deeply. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "(nested too deeply to show)";
  }
}

/** Returns a property of an object, but none that every object has, such as `constructor`. */
export function ownValue(object: unknown, key: string): unknown {
  const isOwn = typeof object === "object" && object !== null && Object.hasOwn(object, key);
  return isOwn ? (object as Record<string, unknown>)[key] : undefined;
}

const MAX_NAME = 80;

/** Shortens the name of a column or a field, which may be any text. */
export function columnName(name: string): string {
  return escapeControls(shorten(name, MAX_NAME));
}
