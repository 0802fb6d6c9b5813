/**
 * The lines of the errors file. Each line describes a failed task and contains its arguments.
 *
 * @module
 */

import type { FailedEvent } from "../journal/format.ts";
import type { LineIndex } from "../ndjson/line_index.ts";
import { argsText } from "../tasks/batch.ts";

/**
 * Returns the line of the errors file for a task that failed, without its newline. The arguments
 * are the user's JSON, unchanged.
 *
 * @param event the task's last event
 * @param args the task's line in the list
 */
export function errorLine(
  { id, attempt, error: { message, type, class: kind, stack } }: FailedEvent,
  args: Uint8Array,
): string {
  const rest = { type, class: kind, stack: stack || undefined, task: id, attempts: attempt };
  const fields = [`"ERROR":${JSON.stringify(message)}`, `"ARGS":${argsJson(args)}`];
  return `{${fields.join()},${JSON.stringify(rest).slice(1)}`;
}

/** Returns the line of the errors file for an event, with the arguments from the list. */
export function errorLineFromList(event: FailedEvent, tasks: LineIndex): string {
  return errorLine(event, tasks.at(event.id));
}

/** Returns a task's arguments as JSON. Arguments that are not valid JSON become a text. */
function argsJson(args: Uint8Array): string {
  const text = argsText(args);
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
}
