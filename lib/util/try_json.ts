/**
 * Parses texts that may not be JSON.
 *
 * @module
 */

import { parseJson } from "./parse_json.ts";

/**
 * Parses a text as JSON, and returns `undefined` when it is not JSON.
 *
 * @example
 * ```ts
 * import { tryJson } from "./try_json.ts";
 *
 * if (tryJson("[1") !== undefined || tryJson("1") !== 1) throw new Error("not parsed");
 * ```
 */
export function tryJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Returns the error of a text that is not JSON; `undefined` when it is JSON. */
export function jsonError(text: string): SyntaxError | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return error as SyntaxError;
  }
}
