/**
 * Numbers in JSON text that `JSON.parse` cannot represent: integers beyond 2^53 and numbers beyond
 * the largest double.
 *
 * @module
 */

import {
  asText,
  indexOfText,
  isSafeInteger,
  matches,
  parseJson,
  sliceText,
  toBigInt,
} from "../util/builtins.ts";
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
    }
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
const BIG_TOKEN = /(?:^|[\s:,[-])(?:\d{16,}(?![\d.eE])|\d{200}|\d[\d.]*[eE]\+?\d{3})/;
