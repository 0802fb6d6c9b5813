/**
 * Ranges of dates such as `2024-01-01..2024-12-31`, whose values are computed on demand.
 *
 * @module
 */

import type { ParameterValues } from "./values.ts";

const DAY = 24 * 60 * 60 * 1000;
const DATES = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)(?:\.\.(-?\d+))?$/;

/**
 * Returns the days from the first date to the last one, up or down, as texts in the form of ISO
 * 8601. A third part is the step, in days.
 *
 * @example
 * ```ts
 * import { datesOf } from "./date_range.ts";
 *
 * const { length, at } = datesOf("2024-02-27..2024-03-01..2")!;
 * const texts = Array.from({ length }, (_, index) => at(index));
 * if (texts.join() !== '"2024-02-27","2024-02-29"') throw new Error(texts.join());
 * ```
 *
 * @returns `undefined` for a text that is not such a range.
 */
export function datesOf(text: string): ParameterValues | undefined {
  const [, first = "", last = "", given = "1"] = DATES.exec(text) ?? [];
  const start = dayOf(first), end = dayOf(last), step = Number(given);
  if (start === undefined || end === undefined || step === 0) return undefined;
  if (step < 0 && start < end) return undefined;
  const direction = end < start ? -Math.abs(step) : step;
  return {
    length: Math.floor((end - start) / direction) + 1,
    at: (index) => `"${dateOf(start + index * direction)}"`,
    parts: [text],
  };
}

/** Returns the number of the day of a date; `undefined` when there is no such day. */
function dayOf(date: string): number | undefined {
  const day = Date.parse(`${date}T00:00:00Z`) / DAY;
  return Number.isInteger(day) && dateOf(day) === date ? day : undefined;
}

function dateOf(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}
