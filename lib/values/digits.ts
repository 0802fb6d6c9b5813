/**
 * Values of JSON that are compared with all digits of their numbers.
 *
 * @module
 */

import { rawJson } from "../util/builtins.ts";
import { parseJson } from "../util/parse_json.ts";
import { parseNumbers } from "./exact_json.ts";

/**
 * Parses JSON. Each number that a double may not hold becomes an object that `JSON.stringify` writes
 * as the original text.
 *
 * @example
 * ```ts
 * import { canonicalJson } from "./canonical_json.ts";
 * import { parseDigits } from "./digits.ts";
 *
 * const text = canonicalJson(parseDigits('{"b":1.0,"a":9007199254740993}'));
 * if (text !== '{"a":9007199254740993,"b":1}') throw new Error(text);
 * ```
 *
 * @throws {SyntaxError} when the text is not JSON.
 */
export function parseDigits(json: string): unknown {
  return mayRound(json) ? parseNumbers(json, exact) : parseJson(json);
}

/** Returns true when a double may not hold a number in a text. */
export function mayRound(json: string): boolean {
  return MAY_ROUND.test(json);
}

// Numbers with more digits than a double holds, or with an exponent. A text may match, too.
const MAY_ROUND = /\d[\d.]{15}|\d[eE]/;

function exact(value: number, source: string): unknown {
  const digits = source.replace(/[eE].*/, "").replace(/^-?0?\.?0*|\./g, "");
  return digits.length <= 15 && Number.isFinite(value) ? value : rawJson(source);
}
