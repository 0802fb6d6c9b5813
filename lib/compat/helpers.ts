/**
 * Helpers that build lists of arguments and parse booleans in run methods.
 *
 * They correspond to `copy_update`, `update_list`, `is_str`, `bool_str` and `truthy` of the Python
 * package, and differ only where the original has a bug.
 *
 * @module
 */

import { isDict } from "../util/is_dict.ts";
import { parseBool } from "../util/text/parse_bool.ts";
import { shortInspect } from "../util/text/short_inspect.ts";

/** The type of an object `T` with the keys of `U` merged over it. */
export type Merged<T, U> = Omit<T, keyof U> & U;

/**
 * Copies `data`, and merges an object into the copy or sets one of its keys to `value`. `data` and
 * `update` remain unchanged, and the result shares no object with them. If `update` is `null` or
 * `undefined`, the copy is returned without changes.
 *
 * The Python package's `copy_update` ignores every falsy update, and sets a key without a value to
 * `None`.
 *
 * @example
 * ```ts
 * import { copyUpdate } from "dl_jobs";
 *
 * const data = { year: 2019 };
 * const merged = copyUpdate(data, { tile: "a" });
 * const set = copyUpdate(data, "year", 0);
 * if (merged.tile !== "a" || set.year !== 0 || data.year !== 2019) throw new Error("not a copy");
 * ```
 *
 * @param data the object to copy.
 * @param update the object to merge, or the key to set.
 * @returns the new object.
 * @throws {TypeError} when `data` is not an object, or `update` is neither an object nor a key with
 * a value.
 */
export function copyUpdate<T extends object, U extends object>(
  data: T,
  update: U | null | undefined,
): Merged<T, U>;
/** Copies `data` and sets one key of the copy. The value may be `null` or `false`. */
export function copyUpdate<T extends object, K extends string | number, V>(
  data: T,
  update: K,
  value: V,
): Merged<T, Record<K, V>>;
export function copyUpdate(data: unknown, update: unknown, value?: unknown): object {
  if (!isDict(data)) {
    throw new TypeError(
      `Cannot update ${shortInspect(data)}: data must be an object such as { year: 2019 }`,
    );
  }
  if (update === null || update === undefined) return structuredClone(data);
  const changes = isDict(update) ? update : toChange(update, value);
  // Object.assign would set the prototype for a key "__proto__"; a spread keeps it as a key.
  return structuredClone({ ...data, ...changes });
}

function toChange(key: unknown, value: unknown): Record<string, unknown> {
  if (!isStr(key) && typeof key !== "number") {
    throw new TypeError(
      `Cannot update with ${shortInspect(key)}: pass an object to merge, or a key and its value`,
    );
  }
  if (value === undefined) {
    throw new TypeError(
      `Cannot update with ${shortInspect(key)}: it is a key without a value, ` +
        `pass the value too: copyUpdate(data, ${shortInspect(key)}, value)`,
    );
  }
  return { [key]: value };
}

/**
 * Builds a list of arguments: one updated copy of `data` for each of `values`. With a `key`, each
 * copy has that key set to its value; without a `key`, each value is an object to merge.
 *
 * The Python package's `update_list` turns a value that is not a dict into a key.
 *
 * @example
 * ```ts
 * import { updateList } from "dl_jobs";
 *
 * const args = updateList({ product: "ndvi" }, [2018, 2019], "year");
 * if (args[1]?.year !== 2019 || args[1].product !== "ndvi") throw new Error("not updated");
 * ```
 *
 * @param data the object to copy.
 * @param values the values or objects.
 * @param key the key to set.
 * @returns the list, in the order of `values`.
 * @throws {TypeError} when `values` is text or not iterable, or when there is no key and a value is
 * not an object.
 */
export function updateList<T extends object, U extends object>(
  data: T,
  values: Iterable<U>,
): Merged<T, U>[];
/** Creates one copy of `data` for each of `values`, with `key` set to that value. */
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
  checkList(values);
  const withKey = key !== undefined && key !== null;
  return Array.from(
    values,
    (value, index) => copyUpdate(data, withKey ? { [key]: value } : toDict(value, index)),
  );
}

function checkList(values: unknown): void {
  // Text is iterable, but one task per letter is never intended.
  if (isStr(values)) {
    throw new TypeError(
      `Cannot update over ${shortInspect(values)}: pass a list, [${shortInspect(values)}]`,
    );
  }
  // Array.from would return an empty list.
  if (typeof (values as Iterable<unknown> | null)?.[Symbol.iterator] === "function") return;
  throw new TypeError(
    `Cannot update over ${shortInspect(values)}: pass a list, such as [1, 2] or ` +
      "[...Array(3).keys()]",
  );
}

function toDict(value: unknown, index: number): Record<string, unknown> {
  if (isDict(value)) return value;
  throw new TypeError(
    `Cannot update with value ${index}, ${shortInspect(value)}: it is not an object, ` +
      `pass the key to set: updateList(data, values, "key")`,
  );
}

/**
 * Returns true for a string, like `is_str` of the Python package.
 *
 * @example
 * ```ts
 * import { isStr } from "dl_jobs";
 *
 * if (!isStr("") || isStr(1)) throw new Error("only text is text");
 * ```
 *
 * @returns true when the value is a string.
 */
export function isStr(value: unknown): value is string {
  return typeof value === "string";
}

/**
 * Converts a word for yes or no to a boolean, and returns any other value unchanged. The words for
 * yes are 1, true, t, yes, y and on. The words for no are 0, false, f, no, n, off, none and null.
 * Case is ignored. The Python package's `bool_str` accepts neither on nor off.
 *
 * @example
 * ```ts
 * import { boolStr } from "dl_jobs";
 *
 * if (boolStr("no") !== false || boolStr("stem") !== "stem") throw new Error("wrong words");
 * ```
 *
 * @returns the boolean, or the value.
 */
export function boolStr<T>(value: T): T | boolean {
  return isStr(value) ? parseBool(value) ?? value : value;
}

/** The results of {@linkcode truthy}: values that are truthy when the argument means yes. */
export type Truth = boolean | number | bigint | null | undefined;

/**
 * Returns true when text means yes. All text means yes except the empty string and the words for no
 * that {@linkcode boolStr} accepts. A boolean, an integer, `null` and `undefined` are returned
 * unchanged.
 *
 * The Python package's `truthy` treats `""` and `"No "` as yes.
 *
 * @example
 * ```ts
 * import { truthy } from "dl_jobs";
 *
 * if (truthy("No ") || truthy("") || !truthy("anything")) throw new Error("wrong words");
 * if (truthy(0) !== 0 || truthy(null) !== null) throw new Error("not unchanged");
 * ```
 *
 * @returns the boolean, or the value.
 * @throws {TypeError} when the value is of another kind, such as 0.5 or a list.
 */
export function truthy(value: string | boolean): boolean;
/** Returns true when a value of unknown type means yes. */
export function truthy(value: unknown): Truth;
export function truthy(value: unknown): Truth {
  if (isStr(value)) return value.trim() !== "" && parseBool(value) !== false;
  if (isPlainTruth(value)) return value;
  throw new TypeError(
    `Cannot read ${shortInspect(value)} as true or false: pass a boolean, text, an integer or null`,
  );
}

function isPlainTruth(value: unknown): value is Truth {
  return value === null || value === undefined || Number.isInteger(value) ||
    typeof value === "boolean" || typeof value === "bigint";
}
