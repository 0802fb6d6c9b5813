/**
 * One call of the user's function, and the conversion of its return value.
 *
 * @module
 */

import { JSON_TEXT } from "../compat/decorators.ts";
import { isWellFormed, matches } from "../util/builtins.ts";
import { parseJson } from "../util/parse_json.ts";
import { stringify } from "../values/stringify.ts";

/**
 * Marks a function that receives the JSON text of its argument and returns the JSON text of its
 * result. A number of up to 15 digits may be passed as a number.
 */
export const JSON_FUNCTION: unique symbol = Symbol.for("dl_jobs.json_function") as never;

/**
 * Marks a function that runs programs. The value receives the {@linkcode ProgramHost} of the process
 * that calls the function.
 */
export const RUNS_PROGRAMS: unique symbol = Symbol.for("dl_jobs.runs_programs") as never;

/** The process that runs programs. */
export interface ProgramHost {
  /** True for a worker, which leads the process group of its programs. */
  readonly isWorker: boolean;
  /** The largest result of a task as JSON, in bytes. @default {no limit} */
  readonly maxResult?: number | undefined;
  /** Called when a program has started that leads a session of its own. */
  began?(pid: number): void;
  /** Called when such a program has ended. */
  ended?(pid: number): void;
}

/** Tells a function which process runs its programs. Any other function needs no such process. */
export function hostPrograms(fn: UserFunction, host: ProgramHost): void {
  (fn as { [RUNS_PROGRAMS]?: (host: ProgramHost) => void })[RUNS_PROGRAMS]?.(host);
}

/** The user's function, called with one argument. */
export type UserFunction = (args: never) => unknown;

/**
 * Returns the JSON text of a return value. The text of `undefined` is `null`.
 *
 * @param returned the return value
 * @param value the value that `returnedValue` has read from it
 * @throws {TypeError} when JSON cannot represent the value. The message contains the path of the
 * invalid part.
 */
export function resultText(returned: unknown, value: unknown = returned): string {
  if (value === undefined) return "null";
  // The text of a function that returns JSON text is kept, with the digits of its numbers.
  const isText = typeof returned === "string" && returned !== value;
  return isText ? escaped(oneLine(returned)) : stringify(value, "result");
}

/** Removes line breaks, which JSON allows only between its parts. */
function oneLine(text: string): string {
  return matches(/[\r\n]|^\s|\s$/, text) ? text.replaceAll(/[\r\n]+/g, " ").trim() : text;
}

/** Escapes halves of surrogate pairs, which UTF-8 cannot represent. */
function escaped(text: string): string {
  if (isWellFormed(text)) return text;
  // With the flag u, the pattern does not match the halves of a whole pair.
  return text.replaceAll(/[\ud800-\udfff]/gu, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
}

/**
 * Parses a return value when the function is marked as returning JSON text. Returns any other value
 * unchanged.
 */
export function returnedValue(value: unknown, fn: UserFunction): unknown {
  if (typeof value !== "string" || !(JSON_TEXT in fn)) return value;
  try {
    return parseJson(value);
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

/** Calls a user's function that takes a context, like {@linkcode dlJobsInvoke}. */
export function dlJobsInvokeWith(fn: UserFunction, args: unknown, context: unknown): unknown {
  return (fn as (...args: unknown[]) => unknown)(args, context);
}

/** Returns true for a promise, or any other value with a method `then`, as `await` does. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (typeof value === "object" ? value !== null : typeof value === "function") &&
    typeof (value as { then?: unknown }).then === "function";
}
