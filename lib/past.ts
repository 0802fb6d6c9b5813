/**
 * What is known of a job that ran, or that runs elsewhere: its results, errors and logs.
 *
 * @module
 */

import { idAt, type LogLine } from "./event.ts";
import { JournalState, readJournal } from "./journal.ts";
import { readBlocks } from "./ndjson.ts";
import { errorLine, LineFile, parseArgs, rebuild, ResultWriter, splitEvents } from "./results.ts";
import { resultFiles } from "./job.ts";
import { type JobRecord, readRecord } from "./store.ts";
import { argsText } from "./task.ts";

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
  const failed = await JournalState.failures(`${folder}/events.ndjson`);
  if (failed.size === 0) return;
  for await (const [id, args] of argumentsOf(folder)) {
    const event = failed.get(id);
    if (!event) continue;
    yield JSON.stringify(errorLine(id, event.attempt, event.error, parseArgs(args))) + "\n";
  }
}

/** What the tasks of a job wrote, as long as there is anything. */
export async function* logsOf(folder: string): AsyncGenerator<LogLine> {
  for await (const block of readBlocksIfThere(`${folder}/logs.ndjson`)) {
    const text = new TextDecoder().decode(block);
    for (const line of text.slice(0, -1).split("\n")) yield JSON.parse(line);
  }
}

/** The line of one task of a job, with its newline. */
export async function taskOf(folder: string, wanted: number): Promise<Uint8Array | undefined> {
  for await (const [id, args] of argumentsOf(folder)) {
    if (id === wanted) return new TextEncoder().encode(`{"id":${id},"args":${args}}\n`);
  }
  return undefined;
}

/** Writes the results and the errors files of a job again, and gives their paths. */
export async function rebuildFiles(folder: string): Promise<string[]> {
  const record = await readRecord(folder);
  const { options } = record;
  using results = anew(record, "results");
  using errors = anew(record, "errors");
  const writer = new ResultWriter({
    ...{ results, errors },
    grouped: options.groupedResults,
    ordered: options.ordered,
    sinks: [],
    taps: [],
  });
  await rebuild(folder, writer);
  return [results.path, errors.path].filter((path) => path !== undefined);
}

function anew({ name, options, files, started }: JobRecord, kind: "results" | "errors"): LineFile {
  const settings = { ...options, saveResults: options.saveResults || true };
  const path = files[kind];
  if (path === undefined) return resultFiles(name, settings, new Date(started))[kind]!;
  Deno.writeTextFileSync(path, "");
  return new LineFile(path, true);
}

async function* inOrder(folder: string): AsyncGenerator<string> {
  const results = await resultsById(folder);
  for (const id of [...results.keys()].sort((a, b) => a - b)) yield results.get(id)! + "\n";
}

async function* withArguments(folder: string): AsyncGenerator<string> {
  const results = await resultsById(folder);
  const line = (id: number, args: string) =>
    `{"id":${id},"args":${args},"result":${results.get(id)}}\n`;
  for await (const [id, args] of argumentsOf(folder)) if (results.has(id)) yield line(id, args);
}

async function resultsById(folder: string): Promise<Map<number, string>> {
  const byId = new Map<number, string>();
  const decoder = new TextDecoder();
  for await (const block of readJournal(`${folder}/events.ndjson`)) {
    const { lines, results } = splitEvents(block);
    for (let line = 0, start = 0; start < results.length;) {
      const end = results.indexOf(NEWLINE, start);
      byId.set(idAt(lines, line), decoder.decode(results.subarray(start, end)));
      line = lines.indexOf(NEWLINE, line) + 1;
      start = end + 1;
    }
  }
  return byId;
}

async function* argumentsOf(folder: string): AsyncGenerator<[id: number, args: string]> {
  for await (const block of readBlocks(`${folder}/tasks.ndjson`, { torn: "drop" })) {
    for (let start = 0; start < block.length;) {
      const end = block.indexOf(NEWLINE, start);
      yield [idAt(block, start), argsText(block.subarray(start, end))];
      start = end + 1;
    }
  }
}

async function* readBlocksIfThere(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* readBlocks(path, { torn: "drop" });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
