/**
 * The lines of the errors file. Each line describes a failed task and contains its arguments.
 *
 * @module
 */

import type { FailedEvent } from "../journal/format.ts";
import type { LineIndex } from "../ndjson/line_index.ts";
import { argsText } from "../tasks/batch.ts";

/** A line of the errors file. */
export interface ErrorLine {
  /** The error's message. */
  readonly ERROR: string;
  /** The task's arguments. */
  readonly ARGS: unknown;
  /** The name of the error's class, such as `TypeError`. */
  readonly type: string;
  /** The kind of the failure, such as `timeout`. */
  readonly class: string;
  readonly stack?: string | undefined;
  /** The task's position in the list, from 0. */
  readonly task: number;
  /** The number of attempts. */
  readonly attempts: number;
}

/**
 * Creates the line of the errors file for a task that failed.
 *
 * @param event the task's last event
 * @param args the task's line in the list
 */
export function errorLine(
  { id, attempt, error: { message, type, class: kind, stack } }: FailedEvent,
  args: Uint8Array,
): ErrorLine {
  return {
    ERROR: message,
    ARGS: parseArgs(args),
    type,
    class: kind,
    stack: stack || undefined,
    task: id,
    attempts: attempt,
  };
}

/** Creates the line of the errors file for an event, with the arguments from the list. */
export function errorLineFromList(event: FailedEvent, tasks: LineIndex): ErrorLine {
  return errorLine(event, tasks.at(event.id));
}

/** Parses a task's arguments. Arguments that are not valid JSON are returned as text. */
function parseArgs(args: Uint8Array): unknown {
  const text = argsText(args);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
