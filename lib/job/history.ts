/**
 * What is known of a job that ran, or that runs elsewhere: its results, errors and logs.
 *
 * @module
 */

import { JobLock } from "../job_dir/lock.ts";
import { type JobRecord, readRecord, writeRecord } from "../job_dir/record.ts";
import { errorOf, rebuild, ResultWriter, splitEvents } from "../job_dir/result_writer.ts";
import { readFailures } from "../journal/failures.ts";
import type { LogLine } from "../journal/format.ts";
import { readJournal } from "../journal/reader.ts";
import { eachResult } from "../journal/scan.ts";
import { LineIndex } from "../ndjson/line_index.ts";
import { readBlocks } from "../ndjson/blocks.ts";
import { argsText } from "../tasks/batch.ts";
import { UsageError } from "../util/errors.ts";
import { exists } from "../util/fs.ts";
import { type LineFile, NewFile } from "../util/line_file.ts";
import { resultFiles } from "./output_files.ts";

/** How results are given. */
export interface PastOptions {
  /** In the order of the list, which takes them into memory. @default {false} */
  readonly ordered?: boolean;
  /** Each with its task's id and arguments. @default {false} */
  readonly withArgs?: boolean;
}

const NEWLINE = 10;

/** The results of a job, in blocks of lines. */
export async function* resultsOf(
  folder: string,
  { ordered = false, withArgs = false }: PastOptions = {},
): AsyncGenerator<string> {
  // The list is read in its order, so there is nothing left to do for it.
  if (withArgs) return yield* withArguments(folder);
  if (ordered) return yield* inOrder(folder);
  const decoder = new TextDecoder();
  for await (const block of readJournal(`${folder}/events.ndjson`)) {
    const { results } = splitEvents(block);
    if (results.length > 0) yield decoder.decode(results);
  }
}

/** The errors of a job, in blocks of lines. */
export async function* errorsOf(folder: string): AsyncGenerator<string> {
  let tasks: LineIndex | undefined;
  try {
    for await (const event of readFailures(`${folder}/events.ndjson`)) {
      tasks ??= await LineIndex.open(`${folder}/tasks.ndjson`);
      yield JSON.stringify(errorOf(event, tasks)) + "\n";
    }
  } finally {
    tasks?.[Symbol.dispose]();
  }
}

/**
 * What the tasks of a job wrote, as far as it is there.
 *
 * @param folder the job's folder
 * @param place how far it has been read, in bytes; moved on
 */
export async function* logsOf(folder: string, place = { at: 0 }): AsyncGenerator<LogLine> {
  const path = `${folder}/logs.ndjson`;
  if (!exists(path)) return;
  const file = await Deno.open(path);
  await file.seek(place.at, Deno.SeekMode.Start);
  for await (const block of readBlocks(file.readable, { torn: "drop" })) {
    place.at += block.length;
    const text = new TextDecoder().decode(block);
    for (const line of text.slice(0, -1).split("\n")) yield JSON.parse(line);
  }
}

/** The arguments of one task of a job, as a line with its newline. */
export async function taskOf(folder: string, wanted: number): Promise<Uint8Array | undefined> {
  using tasks = await LineIndex.open(`${folder}/tasks.ndjson`);
  if (wanted >= tasks.count) return undefined;
  const line = tasks.at(wanted), whole = new Uint8Array(line.length + 1);
  whole.set(line);
  whole[line.length] = NEWLINE;
  return whole;
}

/**
 * Writes the results and the errors files of a job again, and gives their paths.
 *
 * @throws {UsageError} when the job runs, or shares its files with others.
 */
export async function rebuildFiles(folder: string): Promise<string[]> {
  using _lock = await JobLock.take(folder);
  const record = await readRecord(folder);
  const { options } = record;
  if (!options.resultsTimestamp) throw sharedFiles(record);
  using results = anew(record, "results");
  using errors = anew(record, "errors");
  const writer = new ResultWriter({
    ...(results ? { results } : {}),
    ...(errors ? { errors } : {}),
    grouped: options.groupedResults,
    ordered: options.ordered,
    sinks: [],
    resultSinks: [],
  });
  await rebuild(folder, writer);
  const files = { ...finish("results", results), ...finish("errors", errors) };
  writeRecord(folder, { ...record, files: { ...record.files, ...files } });
  return Object.values(files);
}

/** The file that takes the place of the one that is there, or the first one. */
function anew(
  { name, options, files, started }: JobRecord,
  kind: "results" | "errors",
): LineFile | undefined {
  if (files[kind] !== undefined) return new NewFile(files[kind]);
  const settings = { ...options, saveResults: options.saveResults || true };
  return resultFiles(name, settings, new Date(started))[kind];
}

function finish(kind: "results" | "errors", file: LineFile | undefined): JobRecord["files"] {
  if (file instanceof NewFile) file.finish();
  return file?.path ? { [kind]: file.path } : {};
}

function sharedFiles({ id }: JobRecord): UsageError {
  return new UsageError(
    `Cannot rebuild the files of job ${id}: other jobs write to them too (results_timestamp is ` +
      `false), use dl_jobs results ${id} > FILE`,
  );
}

async function* inOrder(folder: string): AsyncGenerator<string> {
  const results = await resultsById(folder);
  for (const id of [...results.keys()].sort((a, b) => a - b)) yield results.get(id)! + "\n";
}

async function* withArguments(folder: string): AsyncGenerator<string> {
  const results = await resultsById(folder);
  let id = 0;
  for await (const args of linesOf(`${folder}/tasks.ndjson`)) {
    const result = results.get(id);
    if (result !== undefined) yield `{"id":${id},"args":${args},"result":${result}}\n`;
    id++;
  }
}

async function resultsById(folder: string): Promise<Map<number, string>> {
  const byId = new Map<number, string>();
  const decoder = new TextDecoder();
  for await (const block of readJournal(`${folder}/events.ndjson`)) {
    eachResult(block, (id, result) => byId.set(id, decoder.decode(result)));
  }
  return byId;
}

async function* linesOf(path: string): AsyncGenerator<string> {
  for await (const block of readBlocks(path, { torn: "drop" })) {
    yield* argsText(block).split("\n").slice(0, -1);
  }
}
