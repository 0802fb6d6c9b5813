/**
 * Formats options and their values in the form that a user writes.
 *
 * @module
 */

import { isDict } from "../util/is_dict.ts";
import { DURATIONS, type OptionSpec, type OptionValue, SIZES } from "./option_types.ts";

/**
 * Converts a value of `Config` to the form that a user writes, such as 90000 ms to `90s`.
 *
 * @returns the text, or the value itself when the type of the option has no units.
 */
export function asWritten({ type }: OptionSpec, value: OptionValue): OptionValue {
  if (type === "duration" && typeof value === "number") return withUnit(value, DURATIONS);
  if (type === "memory" && typeof value === "number") return withUnit(value, SIZES);
  return value;
}

/** Formats an amount in the largest unit that leaves no remainder. */
function withUnit(amount: number, units: Readonly<Record<string, number>>): string {
  if (amount === 0) return "0";
  const [unit, size] = Object.entries(units).findLast(([, size]) => amount % size === 0)!;
  return `${amount / size}${unit}`;
}

/**
 * Formats a value as the text of a flag or an environment variable.
 *
 * @returns the text, such as `a,b` for a list and `A=1,B=2` for a map, or `null` for an option that
 * is not set.
 */
export function formatValue(value: OptionValue): string {
  if (!isDict(value)) return String(value);
  // A rate of all tasks has no name.
  return Object.entries(value).map(([name, text]) => name === "" ? text : `${name}=${text}`)
    .join(",");
}

/** Returns the description of an option, with its choices or its short names. */
export function describeOption({ doc, choices, keys }: OptionSpec): string {
  if (choices) return `${doc} One of: ${choices.join(", ")}.`;
  if (keys) return `${doc} Short names: ${Object.keys(keys).join(", ")}.`;
  return doc;
}
