/**
 * One call of the user's function, and the conversion of its return value.
 *
 * @module
 */

import { JSON_TEXT } from "../compat/decorators.ts";
import { stringify } from "../values/stringify.ts";

/** The user's function, called with one argument. */
export type UserFunction = (args: never) => unknown;

/**
 * Returns the JSON text of a return value. The text of `undefined` is `null`.
 *
 * @throws {TypeError} when JSON cannot represent the value. The message contains the path of the
 * invalid part.
 */
export function resultText(value: unknown): string {
  return value === undefined ? "null" : stringify(value, "result");
}

/**
 * Parses a return value when the function is marked as returning JSON text. Returns any other value
 * unchanged.
 */
export function returnedValue(value: unknown, fn: UserFunction): unknown {
  if (typeof value !== "string" || !(JSON_TEXT in fn)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/**
 * Calls the user's function.
 *
 * Stack traces are cut at the frame with this function's name (`lib/journal/task_error.ts`),
 * because all frames below it belong to dl_jobs.
 */
export function dlJobsInvoke(fn: UserFunction, args: unknown): unknown {
  return fn(args as never);
}
