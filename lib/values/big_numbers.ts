/**
 * Numbers in JSON text that `JSON.parse` cannot represent: integers beyond 2^53 and numbers beyond
 * the largest double.
 *
 * @module
 */

import { isSafeInteger, matches, parseJson, toBigInt } from "../util/builtins.ts";
import { parseNumbers } from "./exact_json.ts";
import type { ValueChange, ValuePolicy } from "./policy.ts";

/**
 * Parses the arguments of a task.
 *
 * @param text one line of JSON for which `hasBigNumbers` returns true
 * @param policy the form of integers beyond 2^53
 * @param onChange called for each number that the function receives with another value
 * @throws {SyntaxError} when the text is not JSON.
 */
export function parseArguments(
  text: string,
  { hasBigInts = false }: ValuePolicy,
  onChange: (change: ValueChange, source: string) => void,
): unknown {
  if (!matches(BIG_TOKEN, text)) return parseJson(text);
  return parseNumbers(text, (value, source) => {
    if (value - value !== 0) onChange("infinite", source);
    else if (matches(INTEGER, source) && !isSafeInteger(value)) {
      if (hasBigInts) return toBigInt(source);
      if (toBigInt(value) !== toBigInt(source)) onChange("rounded", source);
    }
    return value;
  });
}

const INTEGER = /^-?\d+$/;

// A number that follows a bracket, a comma, a colon or a blank. Text in quotes can match, too.
const BIG_TOKEN = /(?:^|[\s:,[-])(?:\d{16,}(?![\d.eE])|\d{200}|\d[\d.]*[eE]\+?\d{3})/;
