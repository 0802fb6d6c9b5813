/**
 * One call of the user's function: what it returned, or why it failed.
 *
 * @module
 */

import { JSON_TEXT } from "./decorators.ts";
import type { FailureClass, TaskError } from "./event.ts";
import { stringify } from "./ndjson.ts";

/** The user's function, as tasks call it: with one argument. */
export type Method = (args: never) => unknown;

/** The JSON text of what a function returned; one that returns nothing gives `null`. */
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
  return {
    message: typeof ERROR === "string" ? ERROR : describe(ERROR),
    type: typeof type === "string" ? type : "ERROR",
    class: "error",
    ...(typeof stack === "string" ? { stack } : {}),
    value,
  };
}

const LIBRARY = new URL(".", import.meta.url).href;

/** Anything thrown, as it is kept. */
export function toTaskError(thrown: unknown, kind: FailureClass = "error"): TaskError {
  if (!(thrown instanceof Error)) {
    return { message: describe(thrown), type: typeof thrown, class: kind };
  }
  const stack = userStack(thrown);
  return {
    message: thrown.message || thrown.name,
    type: thrown.name,
    class: kind,
    ...(stack ? { stack } : {}),
  };
}

/**
 * Calls the function. The name is what cuts our own frames off a stack: all below it is ours.
 */
export function dlJobsCall(method: Method, args: unknown): unknown {
  return method(args as never);
}

function describe(thrown: unknown): string {
  if (typeof thrown === "string" && thrown !== "") return thrown;
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return String(thrown);
  }
}

/** The stack with the user's own frames only, and those of the causes. */
function userStack(error: Error, depth = 0): string | undefined {
  const frames = ownFrames(error);
  // Errors can cause each other in a circle.
  if (!(error.cause instanceof Error) || depth > 4) return frames;
  return `${frames ?? ""}\nCaused by ${userStack(error.cause, depth + 1) ?? error.cause.message}`;
}

function ownFrames(error: Error): string | undefined {
  const lines = error.stack?.split("\n") ?? [];
  const called = lines.findIndex((line) => line.includes("dlJobsCall"));
  const frames = lines.slice(0, called < 0 ? lines.length : called)
    .filter((line) => !line.includes(LIBRARY) && !line.includes("dl_jobs:entry"));
  const hasFrames = frames.some((line) => /^\s+at /.test(line));
  return hasFrames ? frames.join("\n") : undefined;
}
