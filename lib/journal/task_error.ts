/**
 * Failures of tasks as the journal keeps them.
 *
 * @module
 */

import type { FailureClass, TaskError } from "./format.ts";

/**
 * Whether a function returned its failure instead of throwing it: a text that starts with `ERROR`,
 * or an object whose `ERROR` is truthy, as the wrapper `attempt` makes them.
 */
export function isReturnedError(value: unknown): boolean {
  if (typeof value === "string") return value.startsWith("ERROR");
  return typeof value === "object" && value !== null && "ERROR" in value && Boolean(value.ERROR);
}

/** A returned failure as it is kept. */
export function returnedError(value: unknown): TaskError {
  if (typeof value === "string") {
    return { message: value, type: "ERROR", class: "error", value };
  }
  const { ERROR, type, stack } = value as { ERROR: unknown; type?: unknown; stack?: unknown };
  const frames = ownFrames(stack);
  return {
    message: describe(ERROR),
    type: typeof type === "string" ? type : "ERROR",
    class: "error",
    ...(frames ? { stack: frames } : {}),
    // What JSON cannot hold must not cost the message.
    ...(isJson(value) ? { value } : {}),
  };
}

/**
 * Anything thrown, as it is kept.
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
  const stack = userStack(thrown);
  return {
    message: describe(thrown),
    type: nameOf(thrown),
    class: kind,
    ...(stack ? { stack } : {}),
  };
}

/** Anything in words; never empty. */
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

/** The stack with the user's own frames only, and those of the causes. */
function userStack(error: Error, depth = 0): string | undefined {
  const frames = ownFrames(error.stack);
  // Errors can cause each other in a circle.
  if (error.cause === undefined || depth > 4) return frames;
  const cause = error.cause instanceof Error ? userStack(error.cause, depth + 1) : undefined;
  return `${frames ?? headline(error)}\nCaused by ${cause ?? headline(error.cause)}`;
}

function headline(thrown: unknown): string {
  return thrown instanceof Error ? `${nameOf(thrown)}: ${describe(thrown)}` : describe(thrown);
}

/** The stack down to where our own frames begin, if the user has a part in it. */
function ownFrames(stack: unknown): string | undefined {
  // What is no text was made by the user's own Error.prepareStackTrace.
  if (typeof stack !== "string") return undefined;
  const lines = stack.split("\n");
  const ours = lines.findIndex((line) => line.includes("dlJobsInvoke"));
  const own = lines.slice(0, ours < 0 ? undefined : ours).filter((line) => !isOurs(line));
  return own.some(isFrame) ? own.map(withoutModule).join("\n") : undefined;
}

/** The code of a module that is part of a program is a function with the file's name. */
function withoutModule(line: string): string {
  return line.replace(/^( {4}at )[^(]*\/[^(]*\((.*)\)$/, "$1$2");
}

function isFrame(line: string): boolean {
  return line.startsWith("    at ");
}

// Of an asynchronous function, only frames that wait for it are left: dlJobsInvoke is none of them.
function isOurs(line: string): boolean {
  return isFrame(line) && (BETWEEN.test(line) || OURS.some((address) => line.includes(address)));
}

const HERE = new URL("../", import.meta.url).href;
// A stack shows an address as people write it, blanks and all.
const OURS = [HERE, decodeURIComponent(HERE)];
// What a program has between its parts.
const BETWEEN = /^ {4}at (?:async )?(?:__init \(|dl-jobs:user \(|dl-jobs:entry)/;
