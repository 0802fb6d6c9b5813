/**
 * Numbers in JSON text that `JSON.parse` cannot represent: integers beyond 2^53 and numbers beyond
 * the largest double.
 *
 * @module
 */

import { asText, isSafeInteger, matches, parseJson, toBigInt } from "../util/builtins.ts";
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

/** Returns true for the value of an integer, also where its digits are those of another double. */
function isKept(value: number, source: string): boolean {
  // JSON.stringify writes the shortest digits of a double, so 2 ** 60 ends in zeros.
  return asText(value) === source || toBigInt(value) === toBigInt(source);
}

const INTEGER = /^-?\d+$/;

// A number that follows a bracket, a comma, a colon or a blank. Text in quotes can match, too.
const BIG_TOKEN = /(?:^|[\s:,[-])(?:\d{16,}(?![\d.eE])|\d{200}|\d[\d.]*[eE]\+?\d{3})/;
