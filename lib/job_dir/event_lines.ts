/**
 * Splits the events of a journal into successes, as bytes, and all other events, as objects.
 *
 * @module
 */

import type { TaskEvent } from "../journal/format.ts";
import { scanEvents, toEvent } from "../journal/scan.ts";
import { concatBytes, NEWLINE_BYTES } from "../util/bytes/bytes.ts";

/** The events of tasks that succeeded, as bytes. */
export interface Successes {
  /** The events in the format of the journal: result blocks and lines. */
  readonly lines: Uint8Array;
  /** The results, one line per task. */
  readonly results: Uint8Array;
  /** The number of tasks that succeeded. */
  readonly succeeded: number;
  /** The offset of `lines` in the journal. @default {unknown} */
  readonly at?: number | undefined;
}

/** The events of a part of a journal. */
export interface EventLines extends Successes {
  readonly others: readonly OtherEvent[];
}

/** An event that is not a success, and the offsets of its line in the block. */
export interface OtherEvent {
  readonly event: TaskEvent;
  /** The offset of the line's first byte. */
  readonly start: number;
  /** The offset of the first byte after the line's newline. */
  readonly end: number;
}

/**
 * Splits the events of a block into successes and other events. Successes are not parsed.
 *
 * @param block whole events in the format of the journal
 */
export function splitEvents(block: Uint8Array): EventLines {
  const lines: Uint8Array[] = [], results: Uint8Array[] = [], others: OtherEvent[] = [];
  let succeeded = 0;
  scanEvents(block, {
    block({ count }, start, from, end) {
      lines.push(block.subarray(start, end));
      results.push(block.subarray(from, end));
      succeeded += count;
    },
    success(_id, start, result, end) {
      lines.push(block.subarray(start, end + 1));
      // The brace that closes the line is not part of the result.
      results.push(block.subarray(result, end - 1), NEWLINE_BYTES);
      succeeded++;
    },
    other(start, end) {
      const event = toEvent(block, start, end);
      if (event) others.push({ event, start, end: end + 1 });
    },
  });
  return { lines: concatBytes(lines), results: concatBytes(results), succeeded, others };
}
