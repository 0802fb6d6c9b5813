/**
 * The events of a batch as lines, in the file of a far side.
 *
 * @module
 */

import { type EventBatch, eventLine, type Span } from "../../journal/format.ts";
import { scanEvents } from "../../journal/scan.ts";
import { updateLine } from "../../journal/task_update.ts";

/** The line of a busy time. */
export interface SpanLine {
  /** The busy time. */
  readonly span: Span;
}

/** Returns the events of a batch as whole lines, in their order. */
export function eventLines(
  { lines, failures, logs, updates = [], span }: EventBatch,
): Uint8Array[] {
  const others = [
    ...failures.map(({ event }) => eventLine(event)),
    ...logs.map((line) => JSON.stringify(line)),
    ...span ? [JSON.stringify({ span } satisfies SpanLine)] : [],
  ];
  return [encodeLines(updates.map(updateLine)), lines, encodeLines(others)]
    .filter(({ length }) => length > 0);
}

/** Returns texts as lines, each with its newline. */
export function encodeLines(lines: readonly string[]): Uint8Array {
  return new TextEncoder().encode(lines.map((line) => line + "\n").join(""));
}

/**
 * Calls a function for each attempt that has ended.
 *
 * @param take receives the task's id, and the number of the attempt; `undefined` for a success
 */
export function eachEnd(
  bytes: Uint8Array,
  take: (id: number, attempt: number | undefined) => void,
): void {
  scanEvents(bytes, {
    block({ id, count }) {
      for (let i = 0; i < count; i++) take(id + i, undefined);
    },
    success: (id) => take(id, undefined),
    other(start, end) {
      const line = JSON.parse(new TextDecoder().decode(bytes.subarray(start, end)));
      if (line.type !== undefined && !line.info) take(line.id, line.attempt ?? 1);
    },
  });
}
