/**
 * Converts values to JSON without silent losses: throws where `JSON.stringify` would drop a part.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8259 for JSON.
 *
 * @module
 */

import { numberText } from "../util/bytes.ts";

/**
 * Returns the JSON text of a value.
 *
 * `JSON.stringify` drops a function or an `undefined` and turns a `Map` into `{}` without an error.
 * This function throws instead. `NaN` and `Infinity` become `null`, as in `JSON.stringify`.
 *
 * @example
 * ```ts
 * import { stringify } from "./stringify.ts";
 *
 * if (stringify({ a: [1] }) !== '{"a":[1]}') throw new Error("not the text");
 * ```
 *
 * @param value the value.
 * @param name the name of the value in an error message, or a function that returns it.
 * @returns one line of JSON, without a newline.
 * @throws {TypeError} when the value contains a BigInt, a cycle, `undefined`, a function or a
 * symbol, or an object that would become `{}`: a `Map`, a `Set`, a promise, an error, an iterator.
 * The message names the path of the first such part.
 */
export function stringify(value: unknown, name: string | (() => string) = "value"): string {
  if (typeof value === "number") return numberText(value);
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw unserializable(value, nameText(name)) ?? cause;
  }
  // JSON.stringify has succeeded, so the value has no cycle and the walk ends.
  if (text === undefined || (typeof value === "object" && value !== null && hasHole(value))) {
    throw unserializable(value, nameText(name)) ??
      new TypeError(`Cannot write ${nameText(name)}: it has no JSON form`);
  }
  return text;
}

function nameText(name: string | (() => string)): string {
  return typeof name === "string" ? name : name();
}

// Classes that JSON.stringify turns into `{}`, each with its reason and advice for the message.
const NO_DATA: readonly (readonly [abstract new (...args: never[]) => unknown, string])[] = [
  [Map, "JSON has no Map, use Object.fromEntries(map)"],
  [Set, "JSON has no Set, use [...set]"],
  [Promise, "JSON has no Promise, await it"],
  [Error, "JSON has no Error, use its message"],
  [Iterator, "JSON has no iterator, use [...iterator]"],
];

/** Returns true when JSON.stringify drops a part of a value. The value must not have a cycle. */
function hasHole(value: object): boolean {
  if (hasToJson(value)) return false;
  if (Array.isArray(value)) {
    // An expression `value[i]` that reads both numbers and other values makes V8 box the numbers.
    for (let i = typeof value.at(0) === "number" ? countNumbers(value) : 0; i < value.length; i++) {
      if (isHole(value.at(i))) return true;
    }
    return false;
  }
  const isPlain = Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain && noData(value)) return true;
  for (const key in value) {
    const isOwn = isPlain || Object.hasOwn(value, key);
    if (isOwn && isHole((value as Record<string, unknown>)[key])) return true;
  }
  return false;
}

/** Counts the numbers at the beginning of a list. */
function countNumbers(list: readonly unknown[]): number {
  let count = 0;
  while (count < list.length && typeof list[count] === "number") count++;
  return count;
}

function isHole(value: unknown): boolean {
  // The most common types are tested first.
  if (typeof value === "number" || typeof value === "string") return false;
  if (typeof value === "object") return value !== null && hasHole(value);
  return typeof value !== "boolean" && typeof value !== "bigint";
}

function hasToJson(value: object): boolean {
  return typeof (value as { toJSON?: unknown }).toJSON === "function";
}

function noData(value: object): string | undefined {
  return NO_DATA.find(([kind]) => value instanceof kind)?.[1];
}

/** Creates the error for the first part of a value that JSON cannot represent, if any. */
function unserializable(
  value: unknown,
  path: string,
  above: readonly object[] = [],
): TypeError | undefined {
  if (typeof value === "object" && value !== null && hasToJson(value)) return undefined;
  const reason = refused(value, above);
  if (reason) return new TypeError(`Cannot write ${path}: ${reason}`);
  if (typeof value !== "object" || value === null) return undefined;
  // A copy of a sparse list has `undefined` in its gaps, so the loop finds the gaps.
  for (const [key, inner] of Object.entries(Array.isArray(value) ? [...value] : value)) {
    const error = unserializable(inner, path + step(value, key), [...above, value]);
    if (error) return error;
  }
  return undefined;
}

function refused(value: unknown, above: readonly object[]): string | undefined {
  switch (typeof value) {
    case "bigint":
      return "JSON has no BigInt, use a string or a number";
    case "undefined":
      return "JSON has no undefined, use null or leave it out";
    case "function":
      return "JSON has no functions, use its return value";
    case "symbol":
      return "JSON has no symbols, use a string";
    case "object":
      if (value === null) return undefined;
      if (above.includes(value)) return "it contains itself, use a copy without the cycle";
      return noData(value);
    default:
      return undefined;
  }
}

function step(value: object, key: string): string {
  if (Array.isArray(value)) return `[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
