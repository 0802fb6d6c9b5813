/**
 * The lines of the errors file. Each line describes a failed task and contains its arguments.
 *
 * @module
 */

import { refusedElement } from "../formats/format.ts";
import type { FailedEvent } from "../journal/format.ts";
import { argsText } from "../tasks/batch.ts";
import { defined } from "../util/defined.ts";
import { isDict } from "../util/is_dict.ts";
import { jsonError } from "../util/try_json.ts";

/**
 * Returns the line of the errors file for a task that failed, without its newline. The arguments
 * are the user's JSON, unchanged. An object that the function returned keeps all its keys.
 *
 * @param event the task's last event
 * @param args the task's line in the list
 */
export function errorLine(
  { id, attempt, error, place, host }: FailedEvent,
  args: Uint8Array,
): string {
  const { message, type, class: kind, stack, value } = error;
  const { ERROR = message, ARGS, KWARGS = {}, ...others } = isDict(value) ? value : {};
  const own = defined({ task: id, place, host, attempts: attempt });
  const facts = { type, class: kind, stack: stack || undefined, ...own };
  // A key of the user may have the name of a fact about the task.
  const isHidden = ["class", ...Object.keys(own)].some((key) => key in others);
  const rest = { ...others, ...facts, value: isHidden ? value : others.value };
  const given = ARGS === undefined ? argsJson(argsText(args)) : JSON.stringify(ARGS);
  const head = `"ERROR":${JSON.stringify(ERROR)},"ARGS":${given}`;
  return `{${head},"KWARGS":${JSON.stringify(KWARGS)},${JSON.stringify(rest).slice(1)}`;
}

/**
 * Returns a task's arguments as JSON. A line of the list that is not valid JSON becomes a text, but
 * an element that a schema refused is returned as it was.
 */
export function argsJson(text: string): string {
  return jsonError(text) ? refusedElement(text) ?? JSON.stringify(text) : text;
}
