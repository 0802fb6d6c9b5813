/**
 * One call of the user's function: what it returned, or why it failed.
 *
 * @module
 */

import { JSON_TEXT } from "../compat/decorators.ts";
import { stringify } from "../ndjson/stringify.ts";

/** The user's function, as tasks call it: with one argument. */
export type Method = (args: never) => unknown;

/**
 * The JSON text of what a function returned; one that returns nothing gives `null`.
 *
 * @throws {TypeError} on what JSON cannot hold, with the place inside it.
 */
export function resultText(value: unknown): string {
  return value === undefined ? "null" : stringify(value, "result");
}

/** What a function returned: where it is marked as giving JSON text, what the text says. */
export function returnedValue(value: unknown, method: Method): unknown {
  if (typeof value !== "string" || !(JSON_TEXT in method)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/**
 * Calls the function. The name cuts our own frames off a stack: all below it is ours.
 */
export function dlJobsCall(method: Method, args: unknown): unknown {
  return method(args as never);
}
