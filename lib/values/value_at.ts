/**
 * The values inside of a value.
 *
 * @module
 */

import { isDict } from "../util/is_dict.ts";

/**
 * Returns the value of a key, or of a path of keys such as `place.id`; `undefined` when there is
 * none.
 *
 * @example
 * ```ts
 * import { valueAt } from "./value_at.ts";
 *
 * if (valueAt({ place: { id: 7 } }, "place.id") !== 7) throw new Error("another value");
 * ```
 */
export function valueAt(value: unknown, path: string): unknown {
  if (!isDict(value) && !Array.isArray(value)) return undefined;
  if (Object.hasOwn(value, path)) return (value as Record<string, unknown>)[path];
  const at = path.indexOf(".");
  return at < 0 ? undefined : valueAt(valueAt(value, path.slice(0, at)), path.slice(at + 1));
}
