/**
 * Reads the results of a job in the order of its list, any number of times.
 *
 * @module
 */

import type { Notice } from "../formats/format.ts";
import type { OutputRow, OutputSource } from "../formats/output.ts";
import { readPlacedEvents, readTaskStates } from "../journal/reader.ts";
import { eachResult, eachResultText } from "../journal/scan.ts";
import type { JournalState } from "../journal/state.ts";
import { isErrorText } from "../journal/task_error.ts";
import { argsText } from "../tasks/batch.ts";
import { elementTexts } from "../values/exact_json.ts";
import { jobFiles } from "./layout.ts";
import { readList } from "./list_file.ts";
import { type JobRecord, readRecord } from "./record.ts";
import { WaitingResults } from "./waiting_results.ts";

/** The options of {@linkcode openResults}. */
export interface RowOptions {
  /** The name of the file to write, for messages. */
  readonly name: string;
  /** True when each row also contains the arguments of its task. @default {false} */
  readonly withArgs?: boolean | undefined;
  /** True when each element of a returned list is a row. @default {false} */
  readonly isSplit?: boolean | undefined;
  /** Receives a fact about the file that the user should know. */
  readonly notice?: Notice | undefined;
  /** The most characters of results that wait for earlier ones in memory. @default {32 Mi} */
  readonly mostWaiting?: number | undefined;
}

/**
 * Opens the results of a job. Tasks that end later, while the job runs, are left out.
 *
 * Only results that must wait for the result of an earlier task are held in memory. When these are
 * many, the others are read again from the journal.
 *
 * @param folder the job's folder
 */
export async function openResults(
  folder: string,
  { name, withArgs = false, isSplit = false, notice, mostWaiting }: RowOptions,
): Promise<OutputSource> {
  const record = readRecord(folder);
  const state = await readTaskStates(jobFiles(folder).events, record.id);
  async function* rows(): AsyncGenerator<readonly OutputRow[]> {
    using waiting = new WaitingResults(jobFiles(folder).events, mostWaiting);
    const all = inOrder(record, state, waiting);
    const complete = withArgs ? addArgs(folder, record, all) : all;
    for await (const batch of complete) yield isSplit ? batch.flatMap(split) : batch;
  }
  return { name, folder, notice, rows };
}

// About the most characters of results that waited and are taken at a time.
const PIECE = 1024 * 1024;

async function* inOrder(
  { id: job }: JobRecord,
  state: JournalState,
  waiting: WaitingResults,
): AsyncGenerator<readonly OutputRow[]> {
  const { end } = state;
  let next = 0, batch: OutputRow[] = [];
  const add = (id: number, result: string) => void (batch[batch.length] = { id, result });
  const isWanted = (id: number) => id >= next && state.of(id) === "succeeded";
  for await (const [events, at] of readPlacedEvents(waiting.path, job)) {
    // Holds the texts of results that wait for an earlier task, or once it is full, their places.
    if (!waiting.isFull) {
      eachResultText(events, (id, result) => {
        if (!isWanted(id)) return;
        if (id === next) add(next++, result);
        else waiting.hold(id, result);
      });
    } else {
      const start = at - events.byteOffset;
      eachResult(events, (id, { byteOffset, length }) => {
        if (isWanted(id)) waiting.place(id, start + byteOffset, length);
      });
    }
    // Takes the results that no longer wait.
    for (let size = 0; next < end; next++) {
      const result = waiting.take(next);
      if (result === undefined && state.of(next) === "succeeded") break;
      if (result === undefined) continue;
      add(next, result);
      size += result.length;
      if (size < PIECE) continue;
      yield batch;
      batch = [], size = 0;
    }
    if (batch.length > 0) yield batch;
    batch = [];
  }
}

/** Adds the arguments. A row whose part of the list is damaged is left out. */
async function* addArgs(
  folder: string,
  record: JobRecord,
  rows: AsyncIterable<readonly OutputRow[]>,
): AsyncGenerator<readonly OutputRow[]> {
  const chunks = readList(folder, record);
  let first = 0, end = 0, lines: readonly string[] = [];
  for await (const batch of rows) {
    const complete: OutputRow[] = [];
    for (const row of batch) {
      while (row.id >= end) {
        const { done, value } = await chunks.next();
        if (done) break;
        first = value.id;
        end = first + value.count;
        lines = value.isSound ? argsText(value.bytes).split("\n") : [];
      }
      const args = row.id < end ? lines[row.id - first] : undefined;
      if (args !== undefined) complete.push({ ...row, args });
    }
    yield complete;
  }
}

/** Splits a returned list into its elements. Errors among them are in the errors file. */
function split(row: OutputRow): OutputRow[] {
  if (!row.result.startsWith("[")) return [row];
  return elementTexts(row.result).filter((element) => !isErrorText(element))
    .map((result) => ({ ...row, result }));
}
