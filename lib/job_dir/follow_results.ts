/**
 * Reads the results of a job from its journal, even while another process writes the journal.
 *
 * @module
 */

import { JournalReader } from "../journal/reader.ts";
import { parseResults } from "../journal/scan.ts";
import type { ValueReader } from "../values/value_reader.ts";
import { resultReader } from "./result_reader.ts";
import { delay } from "../util/time/delay.ts";
import { assertJournal } from "./health.ts";
import { jobFiles } from "./layout.ts";
import { holderOf } from "./lock.ts";
import { hasEnded, readRecord } from "./record.ts";
import { readReduceState, reducedTexts, type ReduceRecord } from "./reduce_state.ts";

const POLL_MS = 100;

/**
 * Yields the results of a job as they are written, until no process is running the job. With the
 * option `ordered`, yields all results at the end, in the order of the list. The only results of a
 * job with a reduce are its value.
 *
 * @param folder the job's folder
 * @param signal ends the iteration when aborted
 * @returns the return value of each task that succeeded.
 * @throws the signal's reason, when the signal is aborted.
 * @throws {Error} when the journal is damaged.
 */
export async function* followResults<T>(folder: string, signal?: AbortSignal): AsyncGenerator<T> {
  const { reduce, options, options: { ordered } } = readRecord(folder);
  using values = resultReader(options);
  if (reduce) return yield* followReduce<T>(folder, reduce, values, signal);
  const all: { id: number; result: T }[] = [];
  for await (const block of follow(folder, signal)) {
    const found = parseResults<T>(block, values.parserOf(block));
    if (ordered) { for (const one of found) all.push(one); }
    else yield* found.map(({ result }) => result);
  }
  yield* all.sort((a, b) => a.id - b.id).map(({ result }) => result);
}

/** Yields the value of a reduce once no process is running the job; nothing when it is not known. */
async function* followReduce<T>(
  folder: string,
  reduce: ReduceRecord,
  values: ValueReader,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  for await (const _ of follow(folder, signal));
  const record = readRecord(folder), { results, groups } = readReduceState(folder, reduce);
  const isDone = hasEnded(record) && record.counts?.succeeded === results;
  if (isDone) yield* reducedTexts(reduce, groups).map((text) => values.parse(text) as T);
}

/** Yields the events of a growing journal, until no process is running the job. */
async function* follow(folder: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = new JournalReader(jobFiles(folder).events, readRecord(folder).id);
  const wasRunning = holderOf(folder) !== undefined;
  if (!wasRunning) assertJournal(folder);
  for (let isLast = false; !isLast;) {
    signal?.throwIfAborted();
    // The lock is checked before the file is read, so bytes that are written before the lock is
    // released are not missed.
    isLast = holderOf(folder) === undefined;
    for (let events = reader.next(); events; events = reader.next()) yield* events;
    if (reader.damages.length > 0) assertJournal(folder);
    if (!isLast) await delay(POLL_MS);
  }
  yield* reader.end();
  if (wasRunning) assertJournal(folder);
}
