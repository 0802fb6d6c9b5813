/**
 * Reads the events of a journal.
 *
 * @module
 */

import { concatBytes, NEWLINE } from "../util/bytes.ts";
import { JOURNAL_VERSION, parseEvent, type TaskEvent } from "./format.ts";
import { wholeChunks } from "./repair.ts";
import { repairedHead } from "./scan.ts";

/**
 * Yields the events of a journal in chunks of whole events, without the header. If the last result
 * block is incomplete, only its complete results are yielded.
 *
 * @param path the path of the journal, which is also its name in errors
 * @param bytes the content of the journal, if the caller reads the file while it grows
 * @throws {Error} when the file is not a journal that this version can read.
 */
export async function* readJournal(
  path: string,
  bytes?: ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const chunks = wholeChunks(bytes ?? path);
  let next = await chunks.next();
  for (let isFirst = true; !next.done; next = await chunks.next()) {
    yield isFirst ? withoutHeader(next.value, path) : next.value;
    isFirst = false;
  }
  const repaired = next.value && repairedHead(next.value.bytes);
  if (!repaired) return;
  const head = new TextEncoder().encode(repaired.head);
  yield concatBytes([head, next.value!.bytes.subarray(head.length, repaired.end)]);
}

/** Parses the event line between two offsets. */
export function toEvent(bytes: Uint8Array, start: number, end: number): TaskEvent {
  return parseEvent(new TextDecoder().decode(bytes.subarray(start, end)));
}

/**
 * Returns the first chunk of a journal without the header line.
 *
 * @throws {Error} when the file is not a journal that this version can read.
 */
export function withoutHeader(chunk: Uint8Array, path: string): Uint8Array {
  const end = chunk.indexOf(NEWLINE) + 1;
  const header = parseHeader(new TextDecoder().decode(chunk.subarray(0, end)));
  if (header?.journal === JOURNAL_VERSION) return chunk.subarray(end);
  throw new Error(
    `Cannot read ${path}: ${
      header?.journal
        ? `its format is ${header.journal}, this version reads ${JOURNAL_VERSION}`
        : "it is not a journal"
    }`,
  );
}

function parseHeader(line: string): { journal?: number } | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
