/**
 * Small tools for a run method: build a list of arguments, read a yes or a no that came as text.
 *
 * @module
 */

import { isDict } from "../util/is_dict.ts";
import { parseBool } from "../util/parse_bool.ts";

/** `T` with the keys of `U` merged over it. */
export type Merged<T, U> = Omit<T, keyof U> & U;

/**
 * Copies `data` and merges an object over the copy, or sets one key of it to `value`. Neither
 * `data` nor `update` is touched, and the result shares nothing with them. An update of `null` or
 * `undefined` gives the plain copy.
 *
 * @example
 * ```ts
 * import { copyUpdate } from "./helpers.ts";
 *
 * const data = { year: 2019 };
 * const merged = copyUpdate(data, { tile: "a" });
 * const set = copyUpdate(data, "year", 0);
 * if (merged.tile !== "a" || set.year !== 0 || data.year !== 2019) throw new Error("not a copy");
 * ```
 *
 * @throws {TypeError} When `data` is not an object, or `update` is neither an object nor a key with
 * a value. Trying again cannot help.
 */
export function copyUpdate<T extends object, U extends object>(
  data: T,
  update: U | null | undefined,
): Merged<T, U>;
/** Copies `data` and sets one key of the copy. `null` and `false` are values like any other. */
export function copyUpdate<T extends object, K extends string | number, V>(
  data: T,
  update: K,
  value: V,
): Merged<T, Record<K, V>>;
export function copyUpdate(data: unknown, update: unknown, value?: unknown): object {
  if (!isDict(data)) {
    throw new TypeError(
      `Cannot update ${show(data)}: data must be an object such as { year: 2019 }`,
    );
  }
  if (update === null || update === undefined) return structuredClone(data);
  const changes = isDict(update) ? update : toChange(update, value);
  // Spreading, and not Object.assign: a key called "__proto__" stays a key.
  return structuredClone({ ...data, ...changes });
}

function toChange(key: unknown, value: unknown): Record<string, unknown> {
  if (!isStr(key) && typeof key !== "number") {
    throw new TypeError(
      `Cannot update with ${show(key)}: give an object to merge, or a key and its value`,
    );
  }
  if (value === undefined) {
    throw new TypeError(
      `Cannot update with ${show(key)}: it is a key without a value, ` +
        `give the value too: copyUpdate(data, ${show(key)}, value)`,
    );
  }
  return { [key]: value };
}

/**
 * Makes one updated copy of `data` for each of `values`: the way to build a list of arguments.
 * With a `key`, that key is set to each value; without, each value is an object to merge.
 *
 * @example
 * ```ts
 * import { updateList } from "./helpers.ts";
 *
 * const args = updateList({ product: "ndvi" }, [2018, 2019], "year");
 * if (args[1]?.year !== 2019 || args[1].product !== "ndvi") throw new Error("not updated");
 * ```
 *
 * @throws {TypeError} When `values` is text, or holds something else than objects and there is no
 * key. Trying again cannot help.
 */
export function updateList<T extends object, U extends object>(
  data: T,
  values: Iterable<U>,
): Merged<T, U>[];
/** Makes one copy of `data` for each of `values`, with `key` set to it. */
export function updateList<T extends object, K extends string | number, V>(
  data: T,
  values: Iterable<V>,
  key: K,
): Merged<T, Record<K, V>>[];
export function updateList(
  data: object,
  values: Iterable<unknown>,
  key?: string | number | null,
): object[] {
  // Text is iterable too, and one task for each letter is never meant.
  if (isStr(values)) {
    throw new TypeError(`Cannot update over ${show(values)}: give a list, [${show(values)}]`);
  }
  const withKey = key !== undefined && key !== null;
  return Array.from(
    values,
    (value, index) => copyUpdate(data, withKey ? { [key]: value } : toDict(value, index)),
  );
}

function toDict(value: unknown, index: number): Record<string, unknown> {
  if (isDict(value)) return value;
  throw new TypeError(
    `Cannot update with value ${index}, ${show(value)}: it is not an object, ` +
      `give the key to set: updateList(data, values, "key")`,
  );
}

/**
 * Tells whether a value is text.
 *
 * @example
 * ```ts
 * import { isStr } from "./helpers.ts";
 *
 * if (!isStr("") || isStr(1)) throw new Error("only text is text");
 * ```
 */
export function isStr(value: unknown): value is string {
  return typeof value === "string";
}

/**
 * Turns a word that `parseBool` knows into its boolean, and gives back anything else unchanged.
 *
 * @example
 * ```ts
 * import { boolStr } from "./helpers.ts";
 *
 * if (boolStr("no") !== false || boolStr("stem") !== "stem") throw new Error("wrong words");
 * ```
 */
export function boolStr<T>(value: T): T | boolean {
  return isStr(value) ? parseBool(value) ?? value : value;
}

/** What `truthy` gives back: all of it can stand in an `if`. */
export type Truth = boolean | number | bigint | null | undefined;

/**
 * Tells whether text means yes: all text does, but for the empty one and the words for no that
 * `parseBool` knows. A boolean, an integer, `null` and `undefined` come back unchanged: they need
 * no reading.
 *
 * @example
 * ```ts
 * import { truthy } from "./helpers.ts";
 *
 * if (truthy("No ") || truthy("") || !truthy("anything")) throw new Error("wrong words");
 * if (truthy(0) !== 0 || truthy(null) !== null) throw new Error("not unchanged");
 * ```
 *
 * @throws {TypeError} When the value is none of these, such as 0.5 or a list. Trying again cannot
 * help.
 */
export function truthy(value: string | boolean): boolean;
/** A value that is known only when the program runs. */
export function truthy(value: unknown): Truth;
export function truthy(value: unknown): Truth {
  if (isStr(value)) return value.trim() !== "" && parseBool(value) !== false;
  if (isPlainTruth(value)) return value;
  throw new TypeError(
    `Cannot read ${show(value)} as true or false: give a boolean, text, an integer or null`,
  );
}

function isPlainTruth(value: unknown): value is Truth {
  return value === null || value === undefined || Number.isInteger(value) ||
    typeof value === "boolean" || typeof value === "bigint";
}

/** A value as it stands in an error message, short whatever it is. */
function show(value: unknown): string {
  return Deno.inspect(value, { depth: 1, iterableLimit: 3, strAbbreviateSize: 60, compact: true })
    .replaceAll(/\s+/g, " ");
}
