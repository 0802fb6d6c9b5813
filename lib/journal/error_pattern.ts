/**
 * Patterns that select errors of tasks.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import type { TaskError } from "./format.ts";

/**
 * Parses the regular expression of an option that selects errors.
 *
 * @param name the option, for the error
 * @throws {UsageError} when the text is not a regular expression.
 */
export function toErrorPattern(name: string, text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (cause) {
    const { message } = cause as Error;
    throw new UsageError(`Cannot use ${name} "${text}": ${message}`, { cause });
  }
}

/** Returns true when a pattern matches the class, the type or the message of an error. */
export function matchesError(
  pattern: RegExp,
  { class: kind, type, message }: Pick<TaskError, "class" | "type" | "message">,
): boolean {
  return pattern.test(`${kind} ${type}: ${message}`);
}
