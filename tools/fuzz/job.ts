/**
 * An ended job whose files are damaged in rounds, and its correct results.
 *
 * @module
 */

import { Job } from "../../lib/api/job.ts";
import { jobFiles } from "../../lib/job_dir/layout.ts";
import { type JobRecord, readRecord } from "../../lib/job_dir/record.ts";
import { blockHead, eventLine, successLine } from "../../lib/journal/format.ts";
import { Journal } from "../../lib/journal/writer.ts";
import { defined } from "../../lib/util/defined.ts";

/** The number of tasks of the job. */
export const TASKS = 300;

/** The files of the job, by name, and its correct results. */
export interface FuzzJob {
  /** The job's folder. */
  readonly folder: string;
  /** The content of each file. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The job's record. */
  readonly record: JobRecord;
  /** The lines of the results with the ids and the arguments of their tasks. */
  readonly results: ReadonlySet<string>;
  /** The lines of the errors. */
  readonly errors: ReadonlySet<string>;
}

/**
 * The function of the job. Some results look like lines of a journal.
 *
 * Its source is sent to the program, so it uses nothing from outside.
 */
function work(x: number): unknown {
  if (x % 10 === 7) throw new Error("no");
  if (x % 10 === 3) return { frame: x, bytes: 20, sum: x };
  if (x % 10 === 4) return { id: x, count: 2, bytes: 4 };
  if (x % 10 === 5) return { id: x, result: x };
  return { x, text: "ü€😀".repeat(x % 9) };
}

/** Returns the record of a job whose controller was killed. */
export function asDied(record: JobRecord, wasReading: boolean): JobRecord {
  const { ended: _ended, state: _state, counts: _counts, isRead, ...rest } = record;
  return wasReading ? rest : defined<JobRecord>({ ...rest, isRead });
}

/** Creates the job in the working directory. */
export async function makeJob(): Promise<FuzzJob> {
  const list = "list.ndjson";
  Deno.writeTextFileSync(list, Array.from({ length: TASKS }, (_, x) => `${x}\n`).join(""));
  const { paths: { folder } } = await new Job({
    fn: work,
    argsList: `${Deno.cwd()}/${list}`,
    engine: "inline",
    noisy: false,
    suppress: ["warning"],
    log: false,
  }).run();
  rewriteJournal(folder);
  const files = new Map<string, Uint8Array>();
  for (const path of Object.values(jobFiles(folder))) addFile(files, path);
  const record = readRecord(folder), { results = "", errors = "" } = record.files;
  for (const path of [results, errors]) addFile(files, path);
  return { folder, files, record, results: resultLines(), errors: errorLines() };
}

function addFile(files: Map<string, Uint8Array>, path: string): void {
  try {
    files.set(path, Deno.readFileSync(path));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Restores all files of the job, and removes other files. */
export function restore({ folder, files }: FuzzJob): void {
  for (const { name } of Deno.readDirSync(folder)) {
    if (!files.has(`${folder}/${name}`)) Deno.removeSync(`${folder}/${name}`, { recursive: true });
  }
  for (const [path, bytes] of files) Deno.writeFileSync(path, bytes);
}

/** Writes the journal again with blocks, retries and many frames. */
function rewriteJournal(folder: string): void {
  const { events } = jobFiles(folder), record = readRecord(folder);
  Deno.removeSync(events);
  using journal = Journal.create(events, record.id);
  for (let id = 0; id < TASKS; id += 10) {
    for (const line of eventsFrom(id)) journal.append(new TextEncoder().encode(line));
    if (id % 20 === 0) journal.flush();
  }
}

function* eventsFrom(id: number): Generator<string> {
  const texts = [0, 1, 2, 3, 4].map((i) => `${JSON.stringify(work(id + i))}\n`);
  const bytes = new TextEncoder().encode(texts.join("")).length;
  yield blockHead({ id, count: 5, bytes }) + texts.join("");
  for (const i of [5, 6, 8, 9]) {
    yield successLine(id + i, 1, i, JSON.stringify(work(id + i))) + "\n";
  }
  const error = { message: "no", type: "Error", class: "error" } as const;
  const failed = { id: id + 7, attempt: 1, ms: 1, error };
  yield eventLine({ ...failed, type: "retried" }) + "\n";
  yield eventLine({ ...failed, attempt: 2, type: "failed" }) + "\n";
  yield eventLine({ id: id + 7, attempt: 2, type: "queued" }) + "\n";
  yield eventLine({ ...failed, attempt: 3, type: "failed" }) + "\n";
}

function resultLines(): Set<string> {
  const lines = new Set<string>();
  for (let x = 0; x < TASKS; x++) {
    if (x % 10 === 7) continue;
    lines.add(`{"id":${x},"args":${x},"result":${JSON.stringify(work(x))}}`);
  }
  return lines;
}

function errorLines(): Set<string> {
  const ids = Array.from({ length: TASKS / 10 }, (_, i) => i * 10 + 7);
  return new Set(ids.map((id) => `${id} no`));
}
