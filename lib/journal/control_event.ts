/**
 * Informative lines of a journal: a change of a running job, and an attempt that a service limited.
 *
 * @module
 */

import type { TaskError } from "./format.ts";

/**
 * Returns the line of a change, with its newline.
 *
 * @param at the time of the request, as ISO 8601 text
 * @param change the new values
 */
export function controlEvent(at: string, change: Readonly<Record<string, unknown>>): Uint8Array {
  const line = { type: "control", info: true, at, applied: new Date().toISOString(), ...change };
  return new TextEncoder().encode(JSON.stringify(line) + "\n");
}

/**
 * Returns the line of an attempt that a service has limited, without its newline. The attempt is not
 * charged, and is repeated with the same number.
 *
 * @param at the time of the record, in milliseconds since 1970
 */
export function limitedLine(
  { id, attempt, error }: { id: number; attempt: number; error: TaskError },
  at: number,
): string {
  const { message, waitMs } = error;
  return JSON.stringify({ id, attempt, type: "limited", info: true, at, waitMs, message });
}
