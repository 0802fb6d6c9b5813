/**
 * The kinds of objects that JSON cannot represent, with advice for the user.
 *
 * `JSON.stringify` turns most of these objects into `{}` without an error.
 *
 * @module
 */

import { hasOwn, isView, matches, sliceText, tagText, typedArrayKeys } from "../util/builtins.ts";

const BYTES = "write the bytes to a file and use its path";
const DRAIN = "use await Array.fromAsync(x)";

/** Advice by the class name that `Object.prototype.toString` returns. */
const ADVICE: Readonly<Record<string, string>> = {
  __proto__: null as never,
  ArrayBuffer: BYTES,
  SharedArrayBuffer: BYTES,
  DataView: BYTES,
  Uint8Array: BYTES,
  Blob: BYTES,
  File: BYTES,
  Map: "use Object.fromEntries(map)",
  Set: "use [...set]",
  WeakMap: "use a plain object",
  WeakSet: "use a list",
  WeakRef: "use x.deref()",
  Promise: "await it",
  Error: "use its message",
  DOMException: "use its message",
  RegExp: "use its source",
  Generator: DRAIN,
  AsyncGenerator: DRAIN,
  "Iterator Helper": DRAIN,
  ReadableStream: DRAIN,
  Response: "use await x.json() or await x.text()",
  Request: "use await x.json() or x.url",
  Headers: "use Object.fromEntries(x)",
  FormData: "use Object.fromEntries(x)",
  URLSearchParams: "use Object.fromEntries(x)",
};

/** Returns the name of an object's kind, such as `Map` or `Float64Array`. */
export function kindOf(value: object): string {
  return sliceText(tagText(value), 8, -1);
}

/**
 * Returns the reason for which JSON cannot represent an object of a kind, with advice; undefined
 * for other kinds.
 */
export function refusalOf(kind: string): string | undefined {
  const advice = matches(/Iterator$/, kind) ? DRAIN : ADVICE[kind];
  return advice && `JSON has no ${kind}, ${advice}`;
}

// The worker has read the symbols before user code runs.
const { iterator, asyncIterator } = Symbol;

/** Returns the reason for which JSON keeps nothing of an object whose only data is its iterator. */
export function iterableRefusal(value: object): string | undefined {
  const isIterable = hasOwn(value, iterator) || hasOwn(value, asyncIterator);
  return isIterable ? `JSON has no iterable objects, ${DRAIN}` : undefined;
}

/** Returns true for a typed array that is kept as a list of numbers, which is any but bytes. */
export function isNumberArray(value: object, kind: string): value is Float64Array {
  return isView(value) && kind !== "DataView" && kind !== "Uint8Array";
}

/** Returns true for a typed array whose buffer was transferred or shrunk, so that it looks empty. */
export function hasLostNumbers(array: Float64Array): boolean {
  if (array.length > 0) return false;
  try {
    typedArrayKeys(array);
    return false;
  } catch {
    return true;
  }
}
