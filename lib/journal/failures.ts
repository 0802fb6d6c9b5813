/**
 * The failures that a journal ends with.
 *
 * @module
 */

import type { FailedEvent, TaskEvent } from "./format.ts";
import { readJournal, toEvent } from "./reader.ts";
import { scanEvents } from "./scan.ts";
import { JournalState } from "./state.ts";

/** How the tasks ended that have failed and were not put back, in the order in which they did. */
export async function* readFailures(path: string): AsyncGenerator<FailedEvent> {
  const state = await JournalState.read(path);
  if (state.failed === 0) return;
  for await (const block of readJournal(path)) {
    for (const event of otherEvents(block)) if (state.isEnd(event)) yield event;
  }
}

function otherEvents(block: Uint8Array): TaskEvent[] {
  const events: TaskEvent[] = [];
  scanEvents(block, {
    run() {},
    success() {},
    other: (start, end) => void events.push(toEvent(block, start, end)),
  });
  return events;
}
