/**
 * Rewrites the results and the errors of a job from its journal.
 *
 * @module
 */

import { JournalParts, readPlacedEvents, readTaskStates } from "../journal/reader.ts";
import { JournalState } from "../journal/state.ts";
import { LineIndex } from "../ndjson/line_index.ts";
import type { LineFile } from "../util/files/line_file.ts";
import { NewFile } from "../util/files/new_file.ts";
import { errorLine } from "./error_line.ts";
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
  using stack = new DisposableStack();
  const parts = stack.use(new JournalParts(jobFiles(folder).events));
  const writer = new ResultWriter({
    results,
    errors,
    grouped: groupedResults,
    ordered,
    readBack: (at, buffer) => parts.read(at, buffer),
    outputSinks: [],
    resultSinks: [],
  });
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
  // Only results in order have waited for other tasks.
  const past = writer.options.ordered ? new JournalState() : undefined;
  for await (const [block, at] of readPlacedEvents(path, job)) {
    const events = splitEvents(block);
    const stops = events.others.filter(({ event }) =>
      state.isEnd(event) || (past && event.type === "queued")
    );
    if (stops.length > 0) await writeMixed([block, at], stops, writer, { past, tasks });
    else {
      // All events of the block keep the offsets of results right.
      await writer.write({ ...events, lines: block, at });
      past?.add(block);
    }
  }
}

/**
 * Writes results and failures in the order of the journal.
 *
 * @param stops the failures that are written, and the places where a retry began
 * @param past the state of the journal before the block, with the option `ordered`
 */
async function writeMixed(
  [block, at]: readonly [block: Uint8Array, at: number],
  stops: readonly OtherEvent[],
  writer: ResultWriter,
  { past, tasks }: {
    readonly past: JournalState | undefined;
    readonly tasks: LineIndex | undefined;
  },
): Promise<void> {
  let done = 0, isRetry = false;
  const write = async (end: number) => {
    const lines = block.subarray(done, end);
    await writer.write({ ...splitEvents(lines), lines, at: at + done });
    past?.add(lines);
  };
  for (const { event, start, end } of stops) {
    await write(start);
    if (event.type === "failed") await writer.fail(event.id, errorLine(event, tasks!.at(event.id)));
    // A retry puts its tasks into the queue together.
    else if (past && !isRetry) writer.markSent(past);
    isRetry = event.type === "queued";
    past?.event(event);
    done = end;
  }
  await write(block.length);
}
