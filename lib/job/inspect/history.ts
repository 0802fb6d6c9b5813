/**
 * Reads the results, errors and logs of a job from its folder, even while another process runs the
 * job.
 *
 * @module
 */

import type { OutputSource } from "../../formats/output.ts";
import { writeLines } from "../../formats/json/write_json.ts";
import { errorLine } from "../../job_dir/error_line.ts";
import { splitEvents } from "../../job_dir/event_lines.ts";
import { assertList } from "../../job_dir/health.ts";
import { jobFiles } from "../../job_dir/layout.ts";
import { parseLogLine } from "../../job_dir/log_lines.ts";
import { JobLock } from "../../job_dir/lock.ts";
import { rebuildResults } from "../../job_dir/rebuild.ts";
import { type JobRecord, readRecord, writeRecord } from "../../job_dir/record.ts";
import { openResults } from "../../job_dir/result_rows.ts";
import { readFailures } from "../../journal/failures.ts";
import type { LogLine } from "../../journal/format.ts";
import { readJournal } from "../../journal/reader.ts";
import { LineIndex } from "../../ndjson/line_index.ts";
import { NEWLINE } from "../../util/bytes/bytes.ts";
import { defined } from "../../util/defined.ts";
import { UsageError } from "../../util/errors.ts";
import { GrowingFile } from "../../util/files/growing_file.ts";
import type { LineFile } from "../../util/files/line_file.ts";
import { NewFile } from "../../util/files/new_file.ts";
import { OutputFile } from "../../util/files/output_file.ts";
import { checkPlace } from "../files/copied_job.ts";
import { claimOutput, exportedFile, exportResults, outputFiles } from "../files/output_files.ts";
import { checkReducible } from "../reduce/pending.ts";

/** Options of {@linkcode resultsOf}. */
export interface HistoryOptions {
  /**
   * True when results are returned in the order of the list. Results that wait for the result of an
   * earlier task are held in memory.
   * @default {false}
   */
  readonly ordered?: boolean;
  /** True when each line also contains the task's id and arguments. @default {false} */
  readonly withArgs?: boolean;
}

/**
 * Reads the results of a job.
 *
 * @param folder the job's folder
 * @returns blocks of whole lines.
 */
export async function* resultsOf(
  folder: string,
  { ordered = false, withArgs = false }: HistoryOptions = {},
): AsyncGenerator<string> {
  // Results with arguments are always in the order of the list, because the list is read anyway.
  if (ordered || withArgs) {
    return yield* writeLines(await openResults(folder, { name: "the results", withArgs }));
  }
  const decoder = new TextDecoder();
  for await (const block of readJournal(jobFiles(folder).events, readRecord(folder).id)) {
    const { results } = splitEvents(block);
    if (results.length > 0) yield decoder.decode(results);
  }
}

/**
 * Reads the errors of a job.
 *
 * @param folder the job's folder
 * @returns lines in the format of the errors file.
 */
export async function* errorsOf(folder: string): AsyncGenerator<string> {
  const { events, tasks: list } = jobFiles(folder);
  let tasks: LineIndex | undefined;
  try {
    for await (const event of readFailures(events, readRecord(folder).id)) {
      tasks ??= await LineIndex.open(list);
      yield errorLine(event, tasks.at(event.id)) + "\n";
    }
  } finally {
    tasks?.[Symbol.dispose]();
  }
}

/** Reads the errors of a job, for a writer. */
export async function errorSource(folder: string, name: string): Promise<OutputSource> {
  const lines = await Array.fromAsync(errorsOf(folder), (line) => line.slice(0, -1));
  const rows = lines.map((result) => ({ id: Number(JSON.parse(result).task), result }));
  return { name, folder, rows: () => ReadableStream.from([rows]) };
}

/**
 * Yields the text that the tasks of a job have written so far.
 *
 * @param folder the job's folder
 * @param file the log file; pass the object of an earlier call to continue where that call stopped
 */
export async function* logsOf(
  folder: string,
  file = new GrowingFile(jobFiles(folder).logs),
): AsyncGenerator<LogLine> {
  for (const line of file.lines()) yield* parseLogLine(line);
}

/**
 * Reads the arguments of one task of a job.
 *
 * @param folder the job's folder
 * @param id the task's position in the list, from 0
 * @returns the task's line with its newline, or `undefined` when the list has no such task.
 */
export async function argumentsOf(folder: string, id: number): Promise<Uint8Array | undefined> {
  await assertList(folder);
  using tasks = await LineIndex.open(jobFiles(folder).tasks);
  if (id >= tasks.count) return undefined;
  const line = tasks.at(id), whole = new Uint8Array(line.length + 1);
  whole.set(line);
  whole[line.length] = NEWLINE;
  return whole;
}

/**
 * Rewrites the results file and the errors file of a job from its journal.
 *
 * @param folder the job's folder
 * @returns the paths of the files that were written.
 * @throws {UsageError} when another process is running the job, or other jobs share the files.
 * @throws {Error} when the results file has the value of a reduce, and tasks are pending.
 */
export async function rebuildFiles(folder: string): Promise<string[]> {
  using _lock = await JobLock.take(folder);
  const record = readRecord(folder);
  checkPlace(folder, record);
  if (!record.options.resultsTimestamp && record.output === undefined) throw sharedFiles(record);
  const exported = exportedFile(record);
  if (exported && record.reduce) checkReducible(folder, record, record.reduce);
  using output = exported ?? ownFile(record);
  if (output) claimOutput(output, folder);
  using results = exported ? undefined : replacement(record, "results");
  using errors = replacement(record, "errors");
  await rebuildResults(folder, record, { results, errors });
  if (exported) {
    await exportResults(exported, folder, record, undefined, await reducedOf(folder, record));
  }
  const path = exported?.name ?? results?.path;
  const files = defined<JobRecord["files"]>({ results: path, errors: errors?.path });
  writeRecord(folder, { ...record, files: { ...record.files, ...files } });
  return Object.values(files);
}

/** Returns the value of the reduce of a job; `undefined` for a job without one. */
async function reducedOf(folder: string, record: JobRecord): Promise<OutputSource | undefined> {
  if (!record.reduce) return undefined;
  const { openReduced, reduceHost, settingsOf } = await import("../reduce/reduced.ts");
  const host = reduceHost(() => settingsOf(folder, record), console.error);
  return await openReduced(folder, record.reduce, host);
}

function ownFile({ output }: JobRecord): OutputFile | undefined {
  return output === undefined ? undefined : new OutputFile(output, true);
}

/**
 * Returns a replacement for the file that the job has written, or a new file if the job has not
 * written one.
 */
function replacement(record: JobRecord, kind: "results" | "errors"): LineFile | undefined {
  const { options, output } = record, named = kind === "results" ? output : undefined;
  const path = record.files[kind] ?? named;
  if (path !== undefined) return new NewFile(path);
  const saved = { ...options, saveResults: options.saveResults || true };
  return outputFiles({ ...record, options: saved })[kind];
}

function sharedFiles({ id }: JobRecord): UsageError {
  return new UsageError(
    `Cannot rebuild the files of job ${id}: other jobs write to them too (results_timestamp is ` +
      `false), use dl_jobs results ${id} > FILE`,
  );
}
