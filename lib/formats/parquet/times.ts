/**
 * Converts times of Parquet to ISO 8601 text, with all digits of their unit.
 *
 * @module
 */

const MS_A_DAY = 86_400_000;

/** Returns the text of a date, a number of days since 1970. */
export function dateText(days: number): string {
  return isoText(days * MS_A_DAY, days).replace(/T.*/, "");
}

/**
 * Returns the text of a timestamp.
 *
 * @param value the time since 1970
 * @param digits the number of digits after the second: 3, 6 or 9
 * @param isUtc true for a time in UTC, whose text ends with `Z`
 *
 * @example
 * ```ts
 * import { timestampText } from "./times.ts";
 *
 * const text = timestampText(-1n, 6, true);
 * if (text !== "1969-12-31T23:59:59.999999Z") throw new Error(text);
 * ```
 */
export function timestampText(value: bigint, digits: number, isUtc: boolean): string {
  const [ms, rest] = divide(value, digits);
  return withFraction(isoText(ms, value).slice(0, -1), rest, digits, isUtc);
}

/** Returns the text of a time of day, in the same way. */
export function timeOfDayText(value: bigint, digits: number, isUtc: boolean): string {
  const [ms, rest] = divide(value, digits);
  if (ms < 0 || ms >= MS_A_DAY) return outOfRange(value);
  return withFraction(new Date(ms).toISOString().slice(11, -1), rest, digits, isUtc);
}

/** Divides a time into whole milliseconds and the rest. */
function divide(value: bigint, digits: number): [ms: number, rest: number] {
  const unit = 10n ** BigInt(digits - 3), rest = ((value % unit) + unit) % unit;
  return [Number((value - rest) / unit), Number(rest)];
}

function withFraction(text: string, rest: number, digits: number, isUtc: boolean): string {
  const more = digits > 3 ? String(rest).padStart(digits - 3, "0") : "";
  return text + more + (isUtc ? "Z" : "");
}

function isoText(ms: number, value: number | bigint): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? outOfRange(value) : date.toISOString();
}

function outOfRange(value: number | bigint): never {
  throw new RangeError(`its time ${value} is out of range`);
}
