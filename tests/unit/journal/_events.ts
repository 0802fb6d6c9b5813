/**
 * Lines of a journal for its tests.
 *
 * @module
 */

import { eventLine, successLine, type TaskEvent } from "../../../lib/journal/format.ts";
import { readJournal } from "../../../lib/journal/reader.ts";

/** The first line of a journal. */
export const HEADER = '{"journal":2,"job":"a job"}\n';

/** Encodes a text as UTF-8. */
export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Returns the lines of some events, as the journal has them. */
export function linesOf(events: readonly TaskEvent[]): Uint8Array {
  return encode(
    events.map((event) =>
      (event.type === "succeeded"
        ? successLine(event.id, event.attempt, event.ms, JSON.stringify(event.result))
        : eventLine(event)) + "\n"
    ).join(""),
  );
}

/** Returns the text of all events of a journal. */
export async function readText(path: string): Promise<string> {
  const chunks = await Array.fromAsync(readJournal(path));
  return chunks.map((chunk) => new TextDecoder().decode(chunk)).join("");
}
