/**
 * Removes secret values from the logs and the errors of tasks, before they are stored.
 *
 * @module
 */

import type { EventBatch } from "../../journal/format.ts";
import { type Mask, maskDeep } from "../../util/mask.ts";

/** Yields batches of events with masked logs and errors. Results are never changed. */
export async function* maskEvents(
  batches: AsyncIterable<EventBatch>,
  mask: Mask,
): AsyncGenerator<EventBatch> {
  for await (const batch of batches) {
    const { logs, failures } = batch;
    if (logs.length + failures.length === 0) yield batch;
    else {
      yield {
        ...batch,
        logs: logs.map((line) => ({ ...line, text: mask(line.text) })),
        failures: failures.map((failure) => ({
          ...failure,
          event: { ...failure.event, error: maskDeep(failure.event.error, mask) },
        })),
      };
    }
  }
}
