/**
 * The keys of groups with more digits than a double holds, which a function in JavaScript receives
 * rounded.
 *
 * @module
 */

import type { OutputRow } from "../../formats/output.ts";
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
  const own = keyIn(result, by), key = own === undefined ? keyIn(args, by) : own;
  if (typeof key !== "object" || key === null) return undefined;
  const text = JSON.stringify(key);
  return mayRound(text) && JSON.stringify(JSON.parse(text)) !== text ? text : undefined;
}

function keyIn(json: string, by: string): unknown {
  return valueAt(parseDigits(json), by);
}
