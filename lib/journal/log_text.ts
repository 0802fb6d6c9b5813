/**
 * The text of log lines.
 *
 * @module
 */

import type { LogLine } from "./format.ts";

/** Returns the text of a line of the log, followed by its fields, such as `tile read bands=4`. */
export function logLineText({ text, fields = {} }: LogLine): string {
  const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  return text.replace(/\n$/, "") + pairs.join("");
}

/** Returns the text of a line of the log as a terminal would show it. */
export function shownLogText(line: LogLine): string {
  return lastStates(logLineText(line));
}

/**
 * Returns the last state of each line: of a progress bar, which returns to the start of its line for
 * each state, only the last one.
 */
export function lastStates(text: string): string {
  return text.includes("\r") ? text.split("\n").map(lastState).join("\n") : text;
}

/** Returns the part of a line that no later part replaces. */
function lastState(line: string): string {
  let end = line.length;
  while (line[end - 1] === "\r") end--;
  return line.slice(line.lastIndexOf("\r", end - 1) + 1, end);
}
