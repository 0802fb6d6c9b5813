/**
 * The JSON text of a value, with an error where `JSON.stringify` would lose something without a word.
 *
 * @module
 */

import { numberText } from "../util/bytes.ts";

/**
 * The JSON text of a value, or an error that names the place inside it that JSON cannot hold.
 *
 * `JSON.stringify` alone would drop a function or an `undefined` and turn a `Map` into `{}`
 * without a word. `NaN` and `Infinity` become `null`, as everywhere in JSON.
 *
 * @example
 * ```ts
 * import { stringify } from "./stringify.ts";
 *
 * if (stringify({ a: [1] }) !== '{"a":[1]}') throw new Error("not the text");
 * ```
 *
 * @throws {TypeError} on a BigInt, a cycle, `undefined`, a function, a symbol, and on what would
 * become `{}`: a `Map`, a `Set`, a promise, an error, an iterator.
 */
export function stringify(value: unknown, name: string | (() => string) = "value"): string {
  if (typeof value === "number") return numberText(value);
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw unserializable(value, nameText(name)) ?? cause;
  }
  // The walk is safe only now: JSON.stringify has shown that there is no cycle.
  if (text === undefined || (typeof value === "object" && value !== null && hasHole(value))) {
    throw unserializable(value, nameText(name)) ??
      new TypeError(`Cannot write ${nameText(name)}: it has no JSON form`);
  }
  return text;
}

function nameText(name: string | (() => string)): string {
  return typeof name === "string" ? name : name();
}

// What JSON.stringify makes `{}` of without a word, and what to give in its place.
const NO_DATA: readonly (readonly [abstract new (...args: never[]) => unknown, string])[] = [
  [Map, "JSON has no Map, give Object.fromEntries(map)"],
  [Set, "JSON has no Set, give [...set]"],
  [Promise, "JSON has no Promise, await it"],
  [Error, "JSON has no Error, give its message"],
  [Iterator, "JSON has no iterator, give [...iterator]"],
];

/** Whether JSON.stringify would drop something on the way; the value has no cycle. */
function hasHole(value: object): boolean {
  if (hasToJson(value)) return false;
  if (Array.isArray(value)) {
    // To read `value[i]` of numbers and of others in one place would make V8 box the numbers.
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

/** How many numbers a list begins with. */
function countNumbers(list: readonly unknown[]): number {
  let count = 0;
  while (count < list.length && typeof list[count] === "number") count++;
  return count;
}

function isHole(value: unknown): boolean {
  // What is most common comes first.
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

/** The error for the first place in a value that JSON cannot hold, if there is one. */
function unserializable(
  value: unknown,
  path: string,
  above: readonly object[] = [],
): TypeError | undefined {
  if (typeof value === "object" && value !== null && hasToJson(value)) return undefined;
  const reason = refused(value, above);
  if (reason) return new TypeError(`Cannot write ${path}: ${reason}`);
  if (typeof value !== "object" || value === null) return undefined;
  // A copy of a list has no gaps: a gap is an `undefined` like any other.
  for (const [key, inner] of Object.entries(Array.isArray(value) ? [...value] : value)) {
    const error = unserializable(inner, path + step(value, key), [...above, value]);
    if (error) return error;
  }
  return undefined;
}

function refused(value: unknown, above: readonly object[]): string | undefined {
  switch (typeof value) {
    case "bigint":
      return "JSON has no BigInt, give it as a string or a number";
    case "undefined":
      return "JSON has no undefined, give null or leave it out";
    case "function":
      return "JSON has no functions, give what it returns";
    case "symbol":
      return "JSON has no symbols, give a string";
    case "object":
      if (value === null) return undefined;
      if (above.includes(value)) return "it contains itself, give a copy without the cycle";
      return noData(value);
    default:
      return undefined;
  }
}

function step(value: object, key: string): string {
  if (Array.isArray(value)) return `[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
