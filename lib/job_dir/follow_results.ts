/**
 * Reads the results of a job from its journal, even while another process writes the journal.
 *
 * @module
 */

import { readJournal } from "../journal/reader.ts";
import { parseResults } from "../journal/scan.ts";
import { GrowingFile } from "../util/growing_file.ts";
import { jobFiles } from "./layout.ts";
import { holderOf } from "./lock.ts";
import { readRecord } from "./record.ts";

const POLL_MS = 100;

/**
 * Yields the results of a job as they are written, until no process is running the job. With the
 * option `ordered`, yields all results at the end, in the order of the list.
 *
 * @param folder the job's folder
 * @param signal ends the iteration when aborted
 * @returns the return value of each task that succeeded.
 * @throws the signal's reason, when the signal is aborted.
 */
export async function* followResults<T>(folder: string, signal?: AbortSignal): AsyncGenerator<T> {
  const { options: { ordered } } = readRecord(folder), path = jobFiles(folder).events;
  const isOver = () => {
    signal?.throwIfAborted();
    return holderOf(folder) === undefined;
  };
  const all: { id: number; result: T }[] = [];
  for await (const block of readJournal(path, ReadableStream.from(tail(path, isOver)))) {
    const found = parseResults<T>(block);
    if (ordered) { for (const one of found) all.push(one); }
    else yield* found.map(({ result }) => result);
  }
  yield* all.sort((a, b) => a.id - b.id).map(({ result }) => result);
}

/** Reads the bytes of a growing file until `isOver` returns true. */
async function* tail(path: string, isOver: () => boolean): AsyncGenerator<Uint8Array> {
  const file = new GrowingFile(path);
  for (let isLast = false; !isLast;) {
    // The lock is checked before the file is read, so bytes that are written before the lock is
    // released are not missed.
    isLast = isOver();
    for (let bytes = file.read(); bytes; bytes = file.read()) {
      file.advance(bytes.length, bytes.length);
      yield bytes;
    }
    if (!isLast) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
