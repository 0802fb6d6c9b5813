/**
 * A type guard for plain objects.
 *
 * @module
 */

/**
 * Returns true for a plain object (a dict in Python), false for arrays and instances of classes.
 *
 * @example
 * ```ts
 * import { isDict } from "./is_dict.ts";
 *
 * if (!isDict({ a: 1 }) || isDict([1]) || isDict(null)) throw new Error("only plain objects");
 * ```
 */
export function isDict(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
