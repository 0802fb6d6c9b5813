/**
 * Reads the events of a journal.
 *
 * @module
 */

import { concatBytes, NEWLINE } from "../util/bytes.ts";
import { JOURNAL_VERSION, parseEvent, type TaskEvent } from "./format.ts";
import { wholeBlocks } from "./repair.ts";
import { repairedHead } from "./scan.ts";

/**
 * The events of a journal, in blocks of whole ones. Of what was torn at the end, the whole lines are
 * there.
 *
 * @param bytes what stands in the file, where that still grows
 * @throws {Error} when the file is no journal that this version can read.
 */
export async function* readJournal(
  path: string,
  bytes?: ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const blocks = wholeBlocks(bytes ?? path);
  let next = await blocks.next();
  for (let isFirst = true; !next.done; next = await blocks.next()) {
    yield isFirst ? withoutHeader(next.value, path) : next.value;
    isFirst = false;
  }
  const mended = next.value && repairedHead(next.value.bytes);
  if (!mended) return;
  const head = new TextEncoder().encode(mended.head);
  yield concatBytes([head, next.value!.bytes.subarray(head.length, mended.end)]);
}

export function toEvent(bytes: Uint8Array, start: number, end: number): TaskEvent {
  return parseEvent(new TextDecoder().decode(bytes.subarray(start, end)));
}

/**
 * The first events of a journal without the line before them.
 *
 * @throws {Error} when the file is no journal that this version can read.
 */
export function withoutHeader(block: Uint8Array, path: string): Uint8Array {
  const end = block.indexOf(NEWLINE) + 1;
  const header = parseHeader(new TextDecoder().decode(block.subarray(0, end)));
  if (header?.journal === JOURNAL_VERSION) return block.subarray(end);
  throw new Error(
    `Cannot read ${path}: ${
      header?.journal
        ? `its format is ${header.journal}, this version knows ${JOURNAL_VERSION}`
        : "it is no journal"
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
