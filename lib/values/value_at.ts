/**
 * The values inside of a value.
 *
 * @module
 */

import { isDict } from "../util/is_dict.ts";

/**
 * Returns the value of a key, or of a path of keys such as `place.id`; `undefined` when there is
 * none. A key may contain dots: the whole path is tried as one key, then each part of it as the first
 * key, the shortest first.
 *
 * @example
 * ```ts
 * import { valueAt } from "./value_at.ts";
 *
 * if (valueAt({ place: { id: 7 } }, "place.id") !== 7) throw new Error("another value");
 * ```
 */
export function valueAt(value: unknown, path: string): unknown {
  let found = ownValue(value, path);
  for (let dot = -1; found === undefined && (dot = path.indexOf(".", dot + 1)) >= 0;) {
    found = valueAt(ownValue(value, path.slice(0, dot)), path.slice(dot + 1));
  }
  return found;
}

function ownValue(value: unknown, key: string): unknown {
  const hasKeys = Array.isArray(value) ? /^\d+$/.test(key) : isDict(value);
  if (!hasKeys || !Object.hasOwn(value as object, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}
