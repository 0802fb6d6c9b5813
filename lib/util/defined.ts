/**
 * Removes undefined values from objects.
 *
 * @module
 */

/**
 * Removes the keys whose value is undefined, for objects that users see or compare.
 *
 * @returns a new object with the other keys, in their order.
 *
 * @example
 * ```ts
 * import { defined } from "./defined.ts";
 *
 * const keys = Object.keys(defined<{ a: number; b?: number }>({ a: 1, b: undefined }));
 * if (keys.join() !== "a") throw new Error(keys.join());
 * ```
 */
export function defined<T extends object>(value: { [Key in keyof T]: T[Key] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}
