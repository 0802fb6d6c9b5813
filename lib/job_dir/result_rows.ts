/**
 * Reads the results of a job in the order of its list, any number of times.
 *
 * @module
 */

import type { Notice } from "../formats/format.ts";
import type { OutputRow, OutputSource } from "../formats/output.ts";
import { readJournal, readTaskStates } from "../journal/reader.ts";
import { eachResultText } from "../journal/scan.ts";
import type { JournalState } from "../journal/state.ts";
import { isErrorText } from "../journal/task_error.ts";
import { argsText } from "../tasks/batch.ts";
import { elementTexts } from "../values/exact_json.ts";
import { jobFiles } from "./layout.ts";
import { readList } from "./list_file.ts";
import { type JobRecord, readRecord } from "./record.ts";

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
}

/**
 * Opens the results of a job. Tasks that end later, while the job runs, are left out.
 *
 * Only results that must wait for the result of an earlier task are held in memory.
 *
 * @param folder the job's folder
 */
export async function openResults(
  folder: string,
  { name, withArgs = false, isSplit = false, notice }: RowOptions,
): Promise<OutputSource> {
  const record = readRecord(folder);
  const state = await readTaskStates(jobFiles(folder).events, record.id);
  async function* rows(): AsyncGenerator<readonly OutputRow[]> {
    const all = inOrder(folder, record, state);
    const complete = withArgs ? addArgs(folder, record, all) : all;
    for await (const batch of complete) yield isSplit ? batch.flatMap(split) : batch;
  }
  return { name, folder, notice, rows };
}

async function* inOrder(
  folder: string,
  { id: job }: JobRecord,
  state: JournalState,
): AsyncGenerator<readonly OutputRow[]> {
  const waiting = new Map<number, string>(), { end } = state;
  let next = 0;
  for await (const events of readJournal(jobFiles(folder).events, job)) {
    const batch: OutputRow[] = [];
    eachResultText(events, (id, result) => {
      if (id < next || state.of(id) !== "succeeded") return;
      if (id !== next) return void waiting.set(id, result);
      batch[batch.length] = { id, result };
      next++;
    });
    for (; next < end; next++) {
      const result = waiting.get(next);
      if (result === undefined && state.of(next) === "succeeded") break;
      if (result !== undefined) batch[batch.length] = { id: next, result };
      waiting.delete(next);
    }
    if (batch.length > 0) yield batch;
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
