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
