/**
 * What the tasks of a job returned, from its journal: also while another process writes it.
 *
 * @module
 */

import { readJournal } from "../journal/reader.ts";
import { parseResults } from "../journal/scan.ts";
import { holderOf } from "./lock.ts";
import { readRecord } from "./record.ts";

const POLL_MS = 100;

/**
 * What the tasks of a job returned, as it comes, until nobody has the job in hand any more. In the
 * order of the list, all at the end, where the job says so.
 *
 * @param folder the job's folder
 * @param signal ends the waiting, with its reason
 */
export async function* replay<T>(folder: string, signal?: AbortSignal): AsyncGenerator<T> {
  const { options: { ordered } } = await readRecord(folder);
  const path = `${folder}/events.ndjson`;
  const isOver = () => {
    signal?.throwIfAborted();
    return holderOf(folder) === undefined;
  };
  const growing = ReadableStream.from(tail(path, isOver));
  const all: { id: number; result: T }[] = [];
  for await (const block of readJournal(path, growing)) {
    const found = parseResults<T>(block);
    if (ordered) { for (const one of found) all.push(one); }
    else yield* found.map(({ result }) => result);
  }
  yield* all.sort((a, b) => a.id - b.id).map(({ result }) => result);
}

/** The bytes of a file that grows until something is over. */
async function* tail(path: string, isOver: () => boolean): AsyncGenerator<Uint8Array> {
  using file = await Deno.open(path);
  for (let isLast = false; !isLast;) {
    // Looked at before the reading: what comes after it is read the next time.
    isLast = isOver();
    for (let part = await readPart(file); part; part = await readPart(file)) yield part;
    if (!isLast) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function readPart(file: Deno.FsFile): Promise<Uint8Array | undefined> {
  const buffer = new Uint8Array(64 * 1024);
  const count = await file.read(buffer);
  return count === null ? undefined : buffer.subarray(0, count);
}
