/**
 * Lines of a journal for its tests.
 *
 * @module
 */

import { eventLine, successLine, type TaskEvent } from "../../../lib/journal/format.ts";
import { frameLine } from "../../../lib/journal/frames.ts";
import { readJournal } from "../../../lib/journal/reader.ts";

/** The first line of a journal of version 2. */
export const LEGACY_HEADER = '{"journal":2,"job":"a job"}\n';

/** The first frame of a journal of the job `a job`. */
export const HEADER = frame(1, '{"journal":3,"job":"a job"}\n');

/** Returns events with the line that ends their frame. */
export function frame(number: number, events: string): string {
  return events + frameLine("a job", number, encode(events));
}

/** Encodes a text as UTF-8. */
export function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Returns the lines of some events, as the journal has them. */
export function linesOf(events: readonly TaskEvent[]): Uint8Array {
  return encode(events.map((event) => lineOf(event) + "\n").join(""));
}

/** Returns the line of an event, without its newline. */
export function lineOf(event: TaskEvent): string {
  if (event.type !== "succeeded") return eventLine(event);
  return successLine(event.id, event.attempt, event.ms, JSON.stringify(event.result));
}

/** Returns the text of all events of a journal. */
export async function readText(path: string): Promise<string> {
  const chunks = await Array.fromAsync(readJournal(path));
  return chunks.map((chunk) => new TextDecoder().decode(chunk)).join("");
}
