/**
 * The keys of groups with more digits than a double holds, which a function in JavaScript receives
 * rounded.
 *
 * @module
 */

import type { OutputRow } from "../../formats/output.ts";
import { parseJson } from "../../util/parse_json.ts";
import { mayRound, parseDigits } from "../../values/digits.ts";
import { valueAt } from "../../values/value_at.ts";

/**
 * Returns the key of a result, or else of its arguments, as JSON text.
 *
 * @param by the name of the key
 * @returns `undefined` when there is none, or a double holds all its numbers.
 */
export function exactKey({ result, args = "null" }: OutputRow, by: string): string | undefined {
  if (!mayRound(result) && !mayRound(args)) return undefined;
  const keyBy = (parse: (json: string) => unknown) => {
    const own = valueAt(parse(result), by);
    return own === undefined ? valueAt(parse(args), by) : own;
  };
  // Most keys are texts, and a parse that keeps digits takes ten times as long as a plain one.
  if (!MAY_HAVE_NUMBERS.includes(typeof keyBy(parseJson))) return undefined;
  const key = keyBy(parseDigits);
  if (typeof key !== "object" || key === null) return undefined;
  const text = JSON.stringify(key);
  return mayRound(text) && JSON.stringify(JSON.parse(text)) !== text ? text : undefined;
}

const MAY_HAVE_NUMBERS: readonly string[] = ["number", "object"];
