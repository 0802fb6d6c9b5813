/**
 * The parts that the values of a parameter consist of.
 *
 * @module
 */

import { elementTexts, parseExact } from "../../values/exact_json.ts";
import { rangeOf } from "./range.ts";
import { listedValues, type ParameterValues } from "./values.ts";

/** Returns the values of a range or of a JSON array. */
export function valuesOf(text: string): ParameterValues {
  return text.startsWith("[") ? listedValues(elementTexts(text)) : rangeOf(text);
}

/** Joins values, in order. */
export function joinValues(all: readonly ParameterValues[]): ParameterValues {
  if (all.length === 1) return all[0]!;
  const ends: number[] = [];
  for (const { length } of all) ends.push((ends.at(-1) ?? 0) + length);
  return {
    length: ends.at(-1) ?? 0,
    at: (index) => {
      const part = ends.findIndex((end) => index < end);
      return all[part]!.at(index - (ends[part - 1] ?? 0));
    },
    parts: all.flatMap(({ parts }) => parts),
    facts: all.flatMap(({ facts = [] }) => facts),
  };
}

/**
 * Returns JSON in one line, with the digits of its numbers.
 *
 * @throws {SyntaxError} when the text is not JSON.
 */
export function oneLine(json: string): string {
  return JSON.stringify(parseExact(json));
}
