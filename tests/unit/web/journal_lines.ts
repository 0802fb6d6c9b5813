/**
 * Events and busy times for the tests of this folder.
 *
 * @module
 */

import type { Span, TaskEvent } from "../../../lib/journal/format.ts";

/** Returns the failure of an attempt. */
export function failed(id: number, message: string, attempt = 1) {
  const error = { message, type: "Error", class: "error", stack: `Error: ${message}` } as const;
  return { id, attempt, type: "failed", ms: 50, error } as const satisfies TaskEvent;
}

/** Returns the busy time of a worker. */
export function span(worker: string, from: number, to: number, id: number, count = 1): Span {
  return { worker, from, to, id, count };
}
