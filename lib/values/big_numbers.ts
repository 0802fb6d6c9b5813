/**
 * Numbers in JSON text that `JSON.parse` cannot represent: integers beyond 2^53, numbers beyond the
 * largest double, and numbers with more digits than a double holds.
 *
 * @module
 */

import {
  asText,
  charCode,
  indexOfText,
  isSafeInteger,
  matches,
  sliceText,
  toBigInt,
  toPrecision,
} from "../util/builtins.ts";
import { parseJson } from "../util/parse_json.ts";
import { parseNumbers } from "./exact_json.ts";
import type { ValuePolicy } from "./policy.ts";
import type { NumberChange } from "./value_changes.ts";

/** Returns true when the text of a line may contain such a number. */
export function mayHaveBigNumbers(text: string): boolean {
  return matches(BIG_TOKEN, text);
}

/**
 * Parses the arguments of a task, or any other line of JSON.
 *
 * @param text one line of JSON for which `hasBigNumbers` returns true
 * @param policy the form of integers beyond 2^53
 * @param onChange called for each number that becomes another value
 * @throws {SyntaxError} when the text is not JSON.
 */
export function parseArguments(
  text: string,
  { hasBigInts = false }: ValuePolicy,
  onChange: (change: NumberChange, source: string) => void,
): unknown {
  if (!mayHaveBigNumbers(text)) return parseJson(text);
  return parseNumbers(text, (value, source) => {
    if (value - value !== 0) onChange("infinite", source);
    else if (matches(INTEGER, source) && !isSafeInteger(value)) {
      if (hasBigInts) return toBigInt(source);
      if (!isKept(value, source)) onChange("rounded", source);
    } else if (!hasDigits(value, source)) onChange("shortened", source);
    return value;
  });
}

/**
 * Returns true when `JSON.stringify` writes an integer with the same digits. It writes the shortest
 * digits of a double, so 2 ** 60 would end in zeros although the double is exact.
 */
function isKept(value: number, source: string): boolean {
  const text = asText(value);
  return text === source || (matches(EXPONENT, text) && toDigits(text) === source);
}

const EXPONENT = /e/;

/** Returns the digits of an integer that is written with an exponent, such as 1.5e+21. */
function toDigits(text: string): string {
  const end = indexOfText(text, "e"), point = indexOfText(text, ".");
  const whole = sliceText(text, 0, point < 0 ? end : point);
  const fraction = point < 0 ? "" : sliceText(text, point + 1, end);
  let digits = whole + fraction;
  for (let i = fraction.length; i < +sliceText(text, end + 2); i++) digits += "0";
  return digits;
}

const INTEGER = /^-?\d+$/;

// A number that follows a bracket, a comma, a colon or a blank. Text in quotes can match, too.
const BIG_TOKEN =
  /(?:^|[\s:,[-])(?:\d{16,}(?![\d.eE])|(?:0\.0*)?[1-9](?:\.?\d){18}|\d[\d.]*[eE][+-]?\d{3})/;

// Programs print a double with at most 17 digits. A number of 19 has been written with its digits
// in mind, and to examine shorter ones would delay each list of measurements.
const MOST_DIGITS = 18;
// The limit of `toPrecision()`.
const MOST_PRECISION = 100;

/** Returns false when a number has more digits than its double, or becomes 0. */
function hasDigits(value: number, source: string): boolean {
  if (value !== 0 && source.length <= MOST_DIGITS) return true;
  const digits = digitsOf(source), count = digits.length;
  if (value === 0) return count === 0;
  if (count <= MOST_DIGITS) return true;
  return count <= MOST_PRECISION && digitsOf(toPrecision(value, count)) === digits;
}

/** Returns the digits of a number without the zeros around them. */
function digitsOf(text: string): string {
  let first = -1, end = 0, dot = -1;
  for (let at = 0; at < text.length; at++) {
    const code = charCode(text, at);
    if ((code | BLANK) === LETTER_E) break;
    if (code === DOT) dot = at;
    else if (code > ZERO && code <= NINE) {
      if (first < 0) first = at;
      end = at + 1;
    }
  }
  if (first < 0) return "";
  const isSplit = dot > first && dot < end;
  return isSplit
    ? sliceText(text, first, dot) + sliceText(text, dot + 1, end)
    : sliceText(text, first, end);
}

const BLANK = 32, LETTER_E = 101, DOT = 46, ZERO = 48, NINE = 57;
