/**
 * Rewrites the results and the errors of a job from its journal.
 *
 * @module
 */

import { readJournal, readTaskStates } from "../journal/reader.ts";
import type { JournalState } from "../journal/state.ts";
import { LineIndex } from "../ndjson/line_index.ts";
import type { LineFile } from "../util/line_file.ts";
import { NewFile } from "../util/new_file.ts";
import { errorLineFromList } from "./error_line.ts";
import { type OtherEvent, splitEvents } from "./event_lines.ts";
import { jobFiles } from "./layout.ts";
import type { JobRecord } from "./record.ts";
import { ResultWriter } from "./result_writer.ts";

/**
 * The files for results and errors. Without an errors file, errors are written to the results file.
 */
export interface OutputFiles {
  readonly results?: LineFile | undefined;
  readonly errors?: LineFile | undefined;
}

/**
 * Rewrites the results and the errors of a job, in the order of the journal. Each `NewFile`
 * replaces the old file at the end.
 *
 * @param folder the job's folder
 * @param record the job's record
 * @param outputs the files to write
 * @param known the state of the journal, if a run continues from the returned writer. Otherwise,
 * results that wait for earlier results are written, too.
 * @returns the writer from which a resumed job continues.
 */
export async function rebuildResults(
  folder: string,
  record: JobRecord,
  { results, errors }: OutputFiles,
  known?: JournalState,
): Promise<ResultWriter> {
  const { groupedResults, ordered } = record.options;
  const writer = new ResultWriter({
    results,
    errors,
    grouped: groupedResults,
    ordered,
    outputSinks: [],
    resultSinks: [],
  });
  using stack = new DisposableStack();
  const files = [results, errors].filter((file) => file instanceof NewFile);
  for (const file of files) stack.use(file);
  await writeJournal(folder, record.id, writer, known);
  if (!known) writer.flushWaiting();
  for (const file of files) await file.finish();
  return writer;
}

async function writeJournal(
  folder: string,
  job: string,
  writer: ResultWriter,
  known: JournalState | undefined,
): Promise<void> {
  const { events: path, tasks: list } = jobFiles(folder);
  const state = known ?? await readTaskStates(path, job);
  using tasks = state.failed > 0 ? await LineIndex.open(list) : undefined;
  for await (const block of readJournal(path, job)) {
    const events = splitEvents(block);
    const isPlain = !tasks || !events.others.some(({ event }) => state.isEnd(event));
    if (isPlain) await writer.write(events);
    else await writeMixed(block, events.others, writer, { state, tasks });
  }
}

/** Writes results and failures in the order of the journal. */
async function writeMixed(
  block: Uint8Array,
  others: readonly OtherEvent[],
  writer: ResultWriter,
  { state, tasks }: { readonly state: JournalState; readonly tasks: LineIndex },
): Promise<void> {
  let done = 0;
  for (const { event, start, end } of others) {
    if (!state.isEnd(event)) continue;
    await writer.write(splitEvents(block.subarray(done, start)));
    await writer.fail(event.id, errorLineFromList(event, tasks));
    done = end;
  }
  await writer.write(splitEvents(block.subarray(done)));
}
