/**
 * The functions that create lists of parameters in code.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { isDict } from "../../util/is_dict.ts";
import { shortInspect } from "../../util/text/short_inspect.ts";
import { stringify } from "../../values/stringify.ts";
import { type Dimension, type ListParameter, ParameterList } from "./parameter_list.ts";
import { rangeOf } from "./range.ts";
import { listedValues, type ParameterValues } from "./values.ts";

/**
 * The values of a parameter in code: an array or another iterable, a number n for the numbers 0 to
 * n-1, or a range such as `"2020..2024"`, `"0..100..10"` or `"2024-01-01..2024-12-31"`.
 */
export type ParameterInput =
  | number
  | `${number}..${number}`
  | `${number}..${number}..${number}`
  | `${number}-${number}-${number}..${string}`
  | Iterable<unknown> & object;

/**
 * The element of a list with these parameters. The values of a range with leading zeros or of dates are
 * texts.
 */
export type Combination<P extends Readonly<Record<string, ParameterInput>>> = {
  -readonly [Name in keyof P]: P[Name] extends number ? number
    : P[Name] extends `0${bigint}..${string}` ? string
    : P[Name] extends `${number}-${number}-${number}..${string}` ? string
    : P[Name] extends string ? number
    : P[Name] extends Iterable<infer Value> ? Value
    : never;
};

/**
 * Returns the list of all combinations of parameters, each an object. The last parameter changes
 * fastest.
 *
 * @example
 * ```ts
 * import { grid } from "dl_jobs";
 *
 * const list = grid({ year: "2020..2021", band: ["nir", "red"] });
 * const text = Array.from(list, ({ year, band }) => `${year} ${band}`).join();
 * if (text !== "2020 nir,2020 red,2021 nir,2021 red" || list.length !== 4) throw new Error(text);
 * ```
 *
 * @param parameters the values of each parameter
 * @throws {UsageError} when a range is invalid, or there are more than 2^32 combinations.
 * @throws {TypeError} when JSON cannot represent a value.
 */
export function grid<P extends Readonly<Record<string, ParameterInput>>>(
  parameters: P,
): ParameterList<Combination<P>> {
  return new ParameterList(parametersOf(parameters, "grid").map((one): Dimension => [one]));
}

/**
 * Returns the list of objects that have the first value of each parameter, the second value of each,
 * and so on.
 *
 * @example
 * ```ts
 * import { zip } from "dl_jobs";
 *
 * const text = JSON.stringify([...zip({ a: [1, 2], b: ["x", "y"] })]);
 * if (text !== '[{"a":1,"b":"x"},{"a":2,"b":"y"}]') throw new Error(text);
 * ```
 *
 * @param parameters the values of each parameter
 * @throws {UsageError} when the numbers of values differ, or a range is invalid.
 * @throws {TypeError} when JSON cannot represent a value.
 */
export function zip<P extends Readonly<Record<string, ParameterInput>>>(
  parameters: P,
): ParameterList<Combination<P>> {
  const [first, ...others] = parametersOf(parameters, "zip");
  return new ParameterList([[first!, ...others]]);
}

function parametersOf(
  parameters: Readonly<Record<string, ParameterInput>>,
  called: string,
): ListParameter[] {
  // Code that is not type-checked may pass any value.
  if (!isDict(parameters)) {
    throw new UsageError(
      `Cannot call ${called}() with ${shortInspect(parameters)}: pass the values of each ` +
        'parameter, as in { year: "2020..2024" }',
    );
  }
  const entries = Object.entries<ParameterInput>(parameters);
  if (entries.length === 0) throw new UsageError(`Cannot call ${called}(): it has no parameters`);
  return entries.map(([name, input]) => ({ name, values: toValues(name, input) }));
}

function toValues(name: string, input: ParameterInput): ParameterValues {
  if (typeof input === "number" && Number.isInteger(input) && input >= 0) {
    return input === 0 ? listedValues([]) : rangeOf(`0..${BigInt(input) - 1n}`);
  }
  if (typeof input === "string") return rangeOf(input);
  if (Symbol.iterator in Object(input)) {
    const place = (index: number) => () => `${name}[${index}]`, nonFinite: string[] = [];
    const texts = Array.from(
      input as Iterable<unknown>,
      (value, i) => stringify(value, place(i), (path) => nonFinite.push(path)),
    );
    return listedValues(texts, { nonFinite });
  }
  throw new TypeError(
    `Cannot use ${shortInspect(input)} as ${name}: pass an array, an iterable, a whole number or ` +
      'a range such as "2020..2024"',
  );
}
