/**
 * The final failures of the tasks in a journal.
 *
 * @module
 */

import type { FailedEvent, TaskEvent } from "./format.ts";
import { readJournal, readTaskStates } from "./reader.ts";
import { scanEvents, toEvent } from "./scan.ts";
import type { JournalState } from "./state.ts";

/**
 * Yields the last event of each task that has failed and was not queued again, in the order of the
 * failures.
 *
 * @param job the id of the job that the journal must belong to. @default {the id in its header}
 * @param known the state of the tasks after all events, if the caller has read the journal
 * @throws {Error} when the file is not a journal that this version can read.
 */
export async function* readFailures(
  path: string,
  job?: string,
  known?: JournalState,
): AsyncGenerator<FailedEvent> {
  const state = known ?? await readTaskStates(path, job);
  if (state.failed === 0) return;
  for await (const chunk of readJournal(path, job)) {
    for (const event of otherEvents(chunk)) if (state.isEnd(event)) yield event;
  }
}

/** Parses the events that are not successes. */
function otherEvents(chunk: Uint8Array): TaskEvent[] {
  const events: TaskEvent[] = [];
  scanEvents(chunk, {
    block() {},
    success() {},
    other(start, end) {
      const event = toEvent(chunk, start, end);
      if (event) events.push(event);
    },
  });
  return events;
}
