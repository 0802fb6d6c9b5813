/**
 * Converts thrown and returned errors to the form that the journal stores.
 *
 * @module
 */

import type { FailureClass, TaskError } from "./format.ts";

/**
 * Returns true when a returned value is an error: a string that starts with `ERROR`, or an object
 * with a truthy property `ERROR`, such as the return value of the wrapper `attempt`.
 */
export function isReturnedError(value: unknown): boolean {
  if (typeof value === "string") return value.startsWith("ERROR");
  return typeof value === "object" && value !== null && "ERROR" in value && Boolean(value.ERROR);
}

/** Converts a returned error to the form that the journal stores. */
export function returnedError(value: unknown): TaskError {
  if (typeof value === "string") {
    return { message: value, type: "ERROR", class: "error", value };
  }
  const { ERROR, type, stack } = value as { ERROR: unknown; type?: unknown; stack?: unknown };
  return {
    message: describe(ERROR),
    type: typeof type === "string" ? type : "ERROR",
    class: "error",
    stack: ownFrames(stack),
    // A value that JSON cannot represent would prevent the whole line from being written, including
    // the message.
    value: isJson(value) ? value : undefined,
  };
}

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
  if (!(thrown instanceof Error)) {
    return { message: describe(thrown), type: typeof thrown, class: kind };
  }
  return {
    message: describe(thrown),
    type: nameOf(thrown),
    class: kind,
    stack: userStack(thrown),
  };
}

/** Describes a value as text. The text is never empty. */
function describe(thrown: unknown): string {
  if (thrown instanceof Error) {
    const message = String(thrown.message);
    return message.trim() === "" ? nameOf(thrown) : message;
  }
  if (typeof thrown === "string" && thrown !== "") return thrown;
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return Deno.inspect(thrown);
  }
}

function nameOf(error: Error): string {
  return String(error.name || "Error");
}

function isJson(value: unknown): boolean {
  try {
    JSON.stringify(value);
    return true;
  } catch {
    return false;
  }
}

/** Returns the stack frames of the user's code, for an error and its causes. */
function userStack(error: Error, depth = 0): string | undefined {
  const frames = ownFrames(error.stack);
  // The depth is limited, because two errors can be the cause of each other.
  if (error.cause === undefined || depth > 4) return frames;
  const cause = error.cause instanceof Error ? userStack(error.cause, depth + 1) : undefined;
  return `${frames ?? headline(error)}\nCaused by ${cause ?? headline(error.cause)}`;
}

function headline(thrown: unknown): string {
  return thrown instanceof Error ? `${nameOf(thrown)}: ${describe(thrown)}` : describe(thrown);
}

/**
 * Returns a stack without the frames of dl_jobs, or `undefined` if the stack has no other frames.
 */
function ownFrames(stack: unknown): string | undefined {
  // The user's own Error.prepareStackTrace may return another type.
  if (typeof stack !== "string") return undefined;
  const lines = stack.split("\n");
  const ours = lines.findIndex((line) => line.includes("dlJobsInvoke"));
  const own = lines.slice(0, ours < 0 ? undefined : ours).filter((line) => !isOurs(line));
  return own.some(isFrame) ? own.map(withoutModule).join("\n") : undefined;
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
  return isFrame(line) && (BETWEEN.test(line) || OURS.some((address) => line.includes(address)));
}

const HERE = new URL("../", import.meta.url).href;
// Stacks show decoded URLs, which may contain spaces.
const OURS = [HERE, decodeURIComponent(HERE)];
// Frames that the bundler adds between modules.
const BETWEEN = /^ {4}at (?:async )?(?:__init \(|dl-jobs:user \(|dl-jobs:entry)/;
