/**
 * Converts thrown and returned errors to the form that the journal stores.
 *
 * @module
 */

import { hasOwn, indexOfText, keysOf, newDict, rawJson, toJsonText } from "../util/builtins.ts";
import { plainCopy } from "../values/plain_copy.ts";
import {
  boundedText,
  describeThrown,
  headlineOf,
  innerErrors,
  isError,
  MAX_MESSAGE,
  textProperty,
  typeOfThrown,
  unlessThrown,
} from "../values/thrown.ts";
import type { FailureClass, TaskError } from "./format.ts";

// A longer returned value is not kept, in characters of JSON.
const MAX_VALUE = 256 * 1024;

/**
 * Returns true when a returned value is an error: a string that starts with `ERROR`, or an object
 * with a truthy property `ERROR`, such as the return value of the wrapper `attempt`.
 */
export function isReturnedError(value: unknown): boolean {
  if (typeof value === "string") return value.startsWith("ERROR");
  return typeof value === "object" && value !== null && "ERROR" in value && Boolean(value.ERROR);
}

/** Returns true for the JSON text of a returned error. */
export function isErrorText(text: string): boolean {
  return text.includes("ERROR") && isReturnedError(JSON.parse(text));
}

/** Converts a returned error to the form that the journal stores. */
export function returnedError(value: unknown): TaskError {
  if (typeof value === "string") {
    return { message: boundedText(value), type: "ERROR", class: "error", value: storable(value) };
  }
  const { ERROR, type, stack } = value as { ERROR: unknown; type?: unknown; stack?: unknown };
  return {
    message: describeThrown(ERROR),
    type: typeof type === "string" ? boundedText(type, MAX_TYPE) : "ERROR",
    class: "error",
    stack: textOf(() => userFrames(stack)),
    value: storable(value),
  };
}

const MAX_TYPE = 200;

/**
 * Returns a value in its form for the journal; undefined when JSON cannot represent the value or it
 * is too long. Such a value would prevent the whole line from being written, with the message.
 */
function storable(value: unknown): unknown {
  const copy = unlessThrown(() => plainCopy(value, "value", () => {}));
  const text = unlessThrown(() => toJsonText(copy));
  return text !== undefined && text.length <= MAX_VALUE ? copy : undefined;
}

/** The key of an error, in the form that the journal stores, in a thrown object. */
export const TASK_ERROR: unique symbol = Symbol.for("dl_jobs.task_error") as never;

/**
 * Converts a thrown value to the form that the journal stores.
 *
 * @example
 * ```ts
 * import { toTaskError } from "./task_error.ts";
 *
 * const { message, type } = toTaskError(new RangeError("too far"));
 * if (message !== "too far" || type !== "RangeError") throw new Error(message);
 * ```
 */
export function toTaskError(thrown: unknown, kind: FailureClass = "error"): TaskError {
  const known = unlessThrown(() => (thrown as { [TASK_ERROR]?: TaskError })[TASK_ERROR]);
  if (known !== undefined) return known;
  const error = { message: describeThrown(thrown), type: typeOfThrown(thrown), class: kind };
  if (!isError(thrown)) return error;
  const stack = textOf(() => userStack(thrown)), value = unlessThrown(() => fieldsOf(thrown));
  return { ...error, stack, ...value && { value } };
}

// The fields of an error, and the characters of a text in one. What is longer is data, not a reason.
const MAX_FIELDS = 20, MAX_FIELD = 1000;
// Keys that the errors file has for each error.
const OWN_KEYS = { ERROR: 1, ARGS: 1, KWARGS: 1, name: 1, message: 1, stack: 1 };

/** Returns the texts, numbers and booleans that code has added to an error, such as `status`. */
function fieldsOf(error: Error): Record<string, unknown> | undefined {
  const fields = newDict(), keys = keysOf(error);
  let count = 0;
  for (let i = 0; i < keys.length && count < MAX_FIELDS; i++) {
    const key = keys[i]!, value = (error as unknown as Record<string, unknown>)[key];
    if (hasOwn(OWN_KEYS, key) || !isShort(value)) continue;
    fields[key] = typeof value === "bigint" ? rawJson(`${value}`) : value;
    count++;
  }
  return count > 0 ? fields : undefined;
}

function isShort(value: unknown): boolean {
  if (typeof value === "string") return value.length <= MAX_FIELD;
  if (typeof value === "bigint") return `${value}`.length <= MAX_FIELD;
  // JSON has no form for the other numbers.
  return typeof value === "boolean" || (typeof value === "number" && value - value === 0);
}

/** Returns the text that a function returns; undefined when it fails, for example in a getter. */
function textOf(read: () => string | undefined): string | undefined {
  const text = unlessThrown(read);
  return typeof text === "string" ? boundedText(text) : undefined;
}

// Errors can contain each other, so the depth of causes and of inner errors is limited.
const MAX_CAUSES = 5, MAX_NESTED = 2;

/** Returns the stack frames of the user's code, for an error, its causes and its inner errors. */
function userStack(error: Error, depth = 0): string | undefined {
  const frames = userFrames(textProperty(error, "stack"));
  const { cause } = error, inner = depth < MAX_NESTED ? innerErrors(error) : [];
  if (depth >= MAX_CAUSES || (cause === undefined && inner.length === 0)) return frames;
  let text = frames ?? headlineOf(error);
  if (cause !== undefined) text += `\nCaused by ${stackOf(cause, depth + 1)}`;
  for (let i = 0; i < inner.length; i++) text += `\nContains ${stackOf(inner[i], depth + 1)}`;
  return text;
}

function stackOf(thrown: unknown, depth: number): string {
  const stack = isError(thrown) ? textOf(() => userStack(thrown, depth)) : undefined;
  return stack ?? headlineOf(thrown);
}

/**
 * Returns a stack without the frames of dl_jobs, or `undefined` if the stack has no other frames.
 */
export function userFrames(stack: unknown): string | undefined {
  // The user's own Error.prepareStackTrace may return another type.
  if (typeof stack !== "string") return undefined;
  const lines = shortStack(stack).split("\n");
  const ours = lines.findIndex((line) => line.includes("dlJobsInvoke"));
  const own = lines.slice(0, ours < 0 ? undefined : ours).filter((line) => !isOurs(line));
  return own.some(isFrame) ? own.map(withoutModule).join("\n") : undefined;
}

/**
 * Returns a text that a task logs without the frames of dl_jobs, such as that of an error with its
 * causes, whose stacks are indented.
 */
export function withoutOurFrames(text: string): string {
  if (indexOfText(text, "    at ") < 0) return text;
  const kept: string[] = [];
  let isBelow = false;
  for (const line of text.split("\n")) {
    const frame = line.replace(/^ *(?= {4}at )/, "");
    isBelow = isFrame(frame) && (isBelow || frame.includes("dlJobsInvoke"));
    if (!isBelow && !isOurs(frame)) kept.push(line);
    // The fields of an error follow its last frame.
    else if (line.endsWith(" {")) kept.push(`${kept.pop()} {`);
  }
  return kept.join("\n");
}

/** Cuts the message in a long stack, and keeps the frames after it. */
function shortStack(stack: string): string {
  if (stack.length <= MAX_MESSAGE) return stack;
  const end = stack.slice(-MAX_MESSAGE / 4), frames = end.indexOf("\n    at ");
  return boundedText(stack, MAX_MESSAGE / 2) + (frames < 0 ? "" : end.slice(frames));
}

/** Removes the name of the function that the bundler creates for a module. */
function withoutModule(line: string): string {
  return line.replace(/^( {4}at )[^(]*\/[^(]*\((.*)\)$/, "$1$2");
}

function isFrame(line: string): boolean {
  return line.startsWith("    at ");
}

// The stack of an asynchronous function contains only the frames that await it, so frames of
// dl_jobs may appear without dlJobsInvoke.
function isOurs(line: string): boolean {
  return isFrame(line) &&
    (BETWEEN.test(line) || (ours ??= ownAddresses()).some((address) => line.includes(address)));
}

let ours: readonly string[] | undefined;

/** Returns the addresses of this library. Loading `URL` would delay the start of a worker. */
function ownAddresses(): string[] {
  const { href } = new URL("../", import.meta.url);
  // Stacks show decoded URLs, which may contain spaces.
  return [href, decodeURIComponent(href)];
}

// Frames that the bundler adds between modules.
const BETWEEN = /^ {4}at (?:async )?(?:__init \(|dl-jobs:user \(|dl-jobs:entry)/;
