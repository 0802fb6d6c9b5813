/**
 * Removes secret values from the logs and the errors of tasks, before they are stored.
 *
 * @module
 */

import type { EventBatch } from "../../journal/format.ts";
import { createMask, type Mask, maskDeep } from "../../util/text/mask.ts";

/**
 * Masks the values of variables in the logs, errors and texts of progress of events. Results and
 * checkpoints are never changed.
 */
export function maskEvents(
  batches: AsyncIterable<EventBatch>,
  env: Readonly<Record<string, string>>,
): AsyncIterable<EventBatch> {
  const mask = createMask(Object.values(env));
  return mask ? masked(batches, mask) : batches;
}

async function* masked(
  batches: AsyncIterable<EventBatch>,
  mask: Mask,
): AsyncGenerator<EventBatch> {
  for await (const batch of batches) {
    const { logs, failures, updates } = batch;
    if (logs.length + failures.length === 0 && !updates) yield batch;
    else {
      yield {
        ...batch,
        logs: logs.map(({ fields, ...line }) => ({
          ...line,
          text: mask(line.text),
          fields: fields && maskDeep(fields, mask),
        })),
        updates: updates?.map((update) =>
          update.type === "progress" ? maskDeep(update, mask) : update
        ),
        failures: failures.map((failure) => ({
          ...failure,
          event: { ...failure.event, error: maskDeep(failure.event.error, mask) },
        })),
      };
    }
  }
}
