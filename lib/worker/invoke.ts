/**
 * One call of the user's function, and what its return value means.
 *
 * @module
 */

import { JSON_TEXT } from "../compat/decorators.ts";
import { stringify } from "../ndjson/stringify.ts";

/** The user's function as tasks call it, with one argument. */
export type UserFunction = (args: never) => unknown;

/**
 * Returns the JSON text of a return value, which is `null` for undefined.
 *
 * @throws {TypeError} when JSON cannot hold the value, with the place inside it.
 */
export function resultText(value: unknown): string {
  return value === undefined ? "null" : stringify(value, "result");
}

/** Returns a function's return value, parsed when the function is marked as returning JSON text. */
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
 * Stack traces are cut at the frame with this name (`lib/journal/task_error.ts`): all frames below it
 * are those of dl_jobs.
 */
export function dlJobsInvoke(fn: UserFunction, args: unknown): unknown {
  return fn(args as never);
}
