/**
 * Converts values to JSON without silent losses: throws where `JSON.stringify` would lose a part.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8259 for JSON.
 *
 * @module
 */

import { isList, prototypeOf, timeOf, toJsonText } from "../util/builtins.ts";
import { iterableRefusal } from "./kinds.ts";
import { isLiteral, MAX_DEPTH, type NonFiniteListener, plainCopy } from "./plain_copy.ts";

// User code has a copy of this module, and shares only the global scope with the worker.
const LISTENER: unique symbol = Symbol.for("dl_jobs.non_finite") as never;
const scope = globalThis as { [LISTENER]?: NonFiniteListener | undefined };

/**
 * Sets the default listener of {@linkcode stringify} for this process.
 *
 * @returns an object that restores the listener before
 */
export function watchNonFinite(listener: NonFiniteListener): Disposable {
  const before = scope[LISTENER];
  scope[LISTENER] = listener;
  return { [Symbol.dispose]: () => void (scope[LISTENER] = before) };
}

/** Returns the default listener of {@linkcode stringify}; `undefined` outside of a task. */
export function nonFiniteListener(): NonFiniteListener | undefined {
  return scope[LISTENER];
}

/**
 * Returns the JSON text of a value.
 *
 * `JSON.stringify` drops a function and turns a `Map` into `{}` without an error. This function
 * throws instead. A key whose value is `undefined` is left out, a BigInt becomes an integer with
 * all its digits, and a typed array becomes a list of numbers. `NaN` and `Infinity` become `null`,
 * as in `JSON.stringify`, and are reported to a listener.
 *
 * @example
 * ```ts
 * import { ndjson } from "dl_jobs";
 *
 * const text = ndjson.stringify({ id: 2n ** 60n, mean: undefined, band: Float32Array.of(1.5) });
 * if (text !== '{"id":1152921504606846976,"band":[1.5]}') throw new Error(text);
 * ```
 *
 * @param value the value.
 * @param name the name of the value in an error message, or a function that returns it.
 * @param onNonFinite receives the path of each number that becomes `null`. By default, the listener
 * set with {@linkcode watchNonFinite}.
 * @returns one line of JSON, without a newline.
 * @throws {TypeError} when the value contains a cycle, a function or a symbol, `undefined` in a
 * list, bytes, or an object that would become `{}`: a `Map`, a promise, an error, an iterator. The
 * message names the path of the first such part.
 */
export function stringify(
  value: unknown,
  name: string | (() => string) = "value",
  onNonFinite?: NonFiniteListener,
): string {
  if (value !== undefined && isExact(value, 0)) return toJsonText(value);
  const listener = onNonFinite ?? nonFiniteListener() ?? (() => {});
  return toJsonText(plainCopy(value, nameText(name), listener));
}

function nameText(name: string | (() => string)): string {
  return typeof name === "string" ? name : name();
}

const DATE = Date.prototype;

/** Returns true when `JSON.stringify` keeps all parts of a value. False also means "unknown". */
function isExact(value: unknown, depth: number): boolean {
  // The most common types are tested first.
  if (typeof value === "string") return true;
  if (typeof value === "number") return value - value === 0;
  if (typeof value !== "object") return typeof value === "boolean" || value === undefined;
  return value === null || (depth < MAX_DEPTH && isExactObject(value, depth + 1));
}

function isExactObject(value: object, depth: number): boolean {
  if (isList(value)) return isExactList(value, depth);
  if (prototypeOf(value) === DATE) return isExact(timeOf(value as Date), depth);
  if ((value as { toJSON?: unknown }).toJSON !== undefined || !isLiteral(value)) return false;
  let isEmpty = true;
  for (const key in value) {
    isEmpty = false;
    if (!isExact((value as Record<string, unknown>)[key], depth)) return false;
  }
  return !isEmpty || iterableRefusal(value) === undefined;
}

function isExactList(list: readonly unknown[], depth: number): boolean {
  if ((list as { toJSON?: unknown }).toJSON !== undefined) return false;
  // An expression `list[i]` that reads both numbers and other values makes V8 box the numbers.
  for (let i = typeof list[0] === "number" ? countNumbers(list) : 0; i < list.length; i++) {
    const part = list[i];
    if (part === undefined || !isExact(part, depth)) return false;
  }
  return true;
}

/** Counts the finite numbers at the beginning of a list. */
function countNumbers(list: readonly unknown[]): number {
  let count = 0;
  for (; count < list.length; count++) {
    const part = list[count];
    if (typeof part !== "number" || part - part !== 0) break;
  }
  return count;
}
