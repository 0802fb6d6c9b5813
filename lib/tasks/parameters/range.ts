/**
 * Ranges of numbers such as `0..100..10`, whose values are computed on demand.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { datesOf } from "./date_range.ts";
import type { ParameterValues } from "./values.ts";

/** The largest number of tasks, because ids are 32-bit integers. */
export const MOST_COMBINATIONS = 2 ** 32;

const NUMBER = String.raw`(-?\d+(?:\.\d+)?)`;
const RANGE = new RegExp(String.raw`^${NUMBER}\.\.${NUMBER}(?:\.\.${NUMBER})?$`);
// A path may contain two dots, but such a text is a range with other ends.
const LIKE_RANGE = /^[^/\\.][^/\\]*\.\.[^/\\.]/;
// A number or a date with one end missing.
const HALF_RANGE = /^-?\d[\d.-]*\.\.$|^\.\.-?\d[\d.-]*$/;

/** Returns true for a text that is, or seems to be, a range. */
export function isLikeRange(text: string): boolean {
  return RANGE.test(text) || LIKE_RANGE.test(text) || HALF_RANGE.test(text);
}

/**
 * Returns the values of a range `FIRST..LAST` or `FIRST..LAST..STEP`. The last value is the last
 * one that does not exceed `LAST`. All values have the same number of decimals. When the ends have
 * leading zeros, the values are texts of the same length, because JSON has no such numbers. A range
 * of dates such as `2024-01-01..2024-12-31` has texts, too.
 *
 * @example
 * ```ts
 * import { rangeOf } from "./range.ts";
 *
 * const { length, at } = rangeOf("0.1..0.5..0.2");
 * const texts = Array.from({ length }, (_, index) => at(index));
 * if (texts.join() !== "0.1,0.3,0.5") throw new Error(texts.join());
 * ```
 *
 * @throws {UsageError} when the text is not a range, its step is wrong, or it has too many values.
 */
export function rangeOf(text: string): ParameterValues {
  const dates = datesOf(text);
  if (dates) return dates;
  if (datesOf(text.replace(/\.\.[^.]*$/, ""))) {
    throw badRange(text, "its step is not a number of days that leads to its end", "");
  }
  const [, first, last, given] = RANGE.exec(text) ?? [];
  if (first === undefined || last === undefined) {
    throw badRange(
      text,
      HALF_RANGE.test(text) ? "it has only one end" : "its ends are not numbers or dates",
      `, write a range such as 2020..2024, or the text in quotes: '"${text}"'`,
    );
  }
  const width = widthOf(text, first, last);
  const scale = Math.max(...[first, last, given ?? ""].map(decimals));
  const start = scaled(first, scale), end = scaled(last, scale);
  const step = stepOf(text, given && scaled(given, scale), { start, end, scale });
  const count = (end - start) / step + 1n;
  if (count > BigInt(MOST_COMBINATIONS)) {
    throw badRange(text, `it has ${count} values, a list has at most ${MOST_COMBINATIONS}`, "");
  }
  const at = (index: number) => decimal(start + BigInt(index) * step, scale);
  return {
    parts: [text],
    length: Number(count),
    at: width === 0 ? at : (index) => `"${at(index).padStart(width, "0")}"`,
  };
}

/** Returns the length of values with leading zeros, or 0 for numbers. */
function widthOf(text: string, first: string, last: string): number {
  if (![first, last].some((one) => /^-?0\d/.test(one))) return 0;
  if (first.length === last.length && /^\d+\.\.\d+(\.\.-?\d+)?$/.test(text)) return first.length;
  throw badRange(text, "leading zeros need ends of the same number of digits", ", such as 01..12");
}

function stepOf(
  text: string,
  given: bigint | undefined | "",
  { start, end, scale }: { start: bigint; end: bigint; scale: number },
): bigint {
  const isDown = end < start;
  if (given === undefined || given === "") return (isDown ? -1n : 1n) * 10n ** BigInt(scale);
  if (given === 0n) throw badRange(text, "its step is 0");
  if (isDown) return given < 0n ? given : -given;
  if (given > 0n || start === end) return given;
  throw badRange(text, "its step leads away from its end");
}

function decimals(text: string): number {
  return text.includes(".") ? text.length - text.indexOf(".") - 1 : 0;
}

/** Returns a decimal number times a power of ten. */
function scaled(text: string, scale: number): bigint {
  return BigInt(text.replace(".", "") + "0".repeat(scale - decimals(text)));
}

function decimal(value: bigint, scale: number): string {
  if (scale === 0) return String(value);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function badRange(
  text: string,
  reason: string,
  way = ", write a range such as 2020..2024 or 0..100..10",
): UsageError {
  return new UsageError(`Cannot read the range ${text}: ${reason}${way}`);
}
