/**
 * JSON that is the same text for equal values.
 *
 * @module
 */

import { isRawJson } from "../util/builtins.ts";
import { isDict } from "../util/is_dict.ts";

/**
 * Returns JSON with sorted keys.
 *
 * @param leafText returns the text of a value that is neither a list nor a plain object, or that is
 * the text of a number
 *
 * @example
 * ```ts
 * import { canonicalJson } from "./canonical_json.ts";
 *
 * const text = canonicalJson({ b: [{ d: 1, c: 2 }], a: null });
 * if (text !== '{"a":null,"b":[{"c":2,"d":1}]}') throw new Error(text);
 * ```
 */
export function canonicalJson(
  value: unknown,
  leafText: (leaf: unknown) => string = JSON.stringify,
): string {
  const textOf = (part: unknown) => canonicalJson(part, leafText);
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  if (!isDict(value) || isRawJson(value)) return leafText(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${textOf(value[key])}`).join()}}`;
}
