/**
 * Jobs in a temporary folder, with their records and processes.
 *
 * @module
 */

import { Job } from "../../lib/api/job.ts";
import { encodeLines } from "../../lib/engines/shared/event_lines.ts";
import type { Summary } from "../../lib/job/report/summary.ts";
import type { JobOptions, RunOptions } from "../../lib/job/options/options.ts";
import { eventLine, type LogLine, successLine, type TaskEvent } from "../../lib/journal/format.ts";
import { JournalReader } from "../../lib/journal/reader.ts";
import { parseEvents } from "../../lib/journal/scan.ts";
import { Journal } from "../../lib/journal/writer.ts";
import { jobFiles } from "../../lib/job_dir/layout.ts";
import { ListFile } from "../../lib/job_dir/list_file.ts";
import { type JobRecord, readRecord, writeRecord } from "../../lib/job_dir/record.ts";
import { defined } from "../../lib/util/defined.ts";
import { assert, assertEquals } from "./assert.ts";

export { enterFolder } from "../../tools/support/files.ts";
export { Mark } from "../../tools/support/mark.ts";

const QUIET = { noisy: false, printLogs: false, log: false, workers: 2 } as const;

/** Runs a job without output. */
export async function runJob(options: JobOptions, how: RunOptions = {}): Promise<Summary> {
  return await new Job({ ...QUIET, ...options }).run(how);
}

/** Returns the complete lines of a file; an empty list when the file does not exist. */
export function readLines(path: string | undefined): string[] {
  try {
    return Deno.readTextFileSync(path!).split("\n").slice(0, -1);
  } catch {
    return [];
  }
}

/** Returns the output of a job's tasks, without times, which must be there. */
export function readLogs(folder: string): LogLine[] {
  return readLines(`${folder}/logs.ndjson`).map((text) => {
    const { time, ...line }: LogLine = JSON.parse(text);
    assert(time !== undefined && Math.abs(Date.now() - time) < 1e6, "the time of a log line");
    return line;
  });
}

/** Returns the paths of all files and folders below a folder. */
export function walk(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), ({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? [path, ...walk(path)] : [path];
  }).flat();
}

/** Returns the texts of all files below a folder, by their paths. */
export function readBelow(folder: string): Map<string, string> {
  const files = walk(folder).filter((path) => Deno.statSync(path).isFile);
  return new Map(files.map((path) => [path, Deno.readTextFileSync(path)]));
}

/** Returns the events of a job's journal. */
export function readEvents(folder: string): TaskEvent[] {
  return parseEvents(eventLines(folder).map((line) => line + "\n").join(""));
}

/**
 * Returns the lines of a job's journal, without its header and its checksums. The usage of tasks is
 * left out, because only those that took long have it.
 */
export function eventLines(folder: string): string[] {
  const reader = new JournalReader(`${folder}/events.ndjson`);
  const text = Array.from(reader.all(), (chunk) => new TextDecoder().decode(chunk)).join("");
  assertEquals(reader.damages, []);
  return text.split("\n").slice(0, -1).filter((line) => !line.includes('"type":"usage"'));
}

/** Removes durations, times and stacks from events, which differ between runs. */
export function bare(events: readonly TaskEvent[]): unknown[] {
  return events.map((event) => {
    const { ms: _ms, at: _at, ...rest } = { ms: 0, at: 0, ...event };
    if (!("error" in rest)) return rest;
    const { stack: _stack, ...error } = rest.error;
    return { ...rest, error };
  });
}

/** Fails unless each task of a job has exactly one final event, with the expected result. */
export function assertResults(folder: string, results: readonly unknown[]): void {
  const ends = readEvents(folder).filter(({ type }) => type === "succeeded" || type === "failed");
  const found = ends.map((event) => [event.id, "result" in event ? event.result : event]);
  assertEquals(found.sort(([a], [b]) => Number(a) - Number(b)), [...results.entries()]);
}

/** The address of the command. */
export const CLI = new URL("../../cli.ts", import.meta.url).href;

/** Options of a command. */
export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The text on stdin. @default {an empty text} */
  readonly input?: string;
  /** The working directory. @default {that of this process} */
  readonly cwd?: string;
}

/** Starts the command `dl_jobs` in the working directory. */
export function startCli(
  args: readonly string[],
  { env = {}, cwd = Deno.cwd() }: CliOptions = {},
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    cwd,
    args: ["run", "-A", "--no-check", CLI, ...args],
    env: { NO_COLOR: "1", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** The output and the exit status of a command. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Waits for the end of a command and returns its output, without the page that explains an error.
 *
 * @param input the text on stdin, which is left as it is without a text
 */
export async function endOf(process: Deno.ChildProcess, input?: string): Promise<Said> {
  const output = process.output();
  // A process that never ends fails its test, and does not hold up the others.
  const limit = setTimeout(() => process.kill("SIGKILL"), LIMIT_MS);
  // A process that ends at once reads nothing.
  if (input !== undefined) await new Blob([input]).stream().pipeTo(process.stdin).catch(() => {});
  const { code, stdout, stderr } = await output;
  clearTimeout(limit);
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: withoutDocs(decoder.decode(stderr)) };
}

const LIMIT_MS = 300_000;

/** Runs a script with Deno in a folder, without types. */
export async function runScript(path: string, cwd: string): Promise<Said> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", path],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return await endOf(process);
}

/** Removes the line that names a page of the documentation, which `docs_test.ts` checks. */
export function withoutDocs(stderr: string): string {
  return stderr.replace(/^More: dl_jobs docs .*\n/m, "");
}

/** Runs the command `dl_jobs` in the working directory. */
export async function cli(args: readonly string[], options: CliOptions = {}): Promise<Said> {
  return await endOf(startCli(args, options), options.input ?? "");
}

/** Returns the record of a job from `job.json`. */
export function recordOf(folder: string): Record<string, unknown> {
  return JSON.parse(Deno.readTextFileSync(`${folder}/job.json`));
}

/** The progress that a job had made when its controller died. */
export interface Death {
  /** The number of tasks that were read from the list. @default {all} */
  readonly read?: number;
  /** Selects the events that were recorded. @default {those of the tasks that were read} */
  readonly events?: (event: TaskEvent) => boolean;
}

/** Rewrites the files of an ended job as if its controller had been killed midway. */
export function kill(folder: string, { read, events }: Death = {}): void {
  const { state: _state, ended: _ended, counts: _counts, isRead, ...record } = readRecord(folder);
  writeRecord(folder, read === undefined ? defined<JobRecord>({ ...record, isRead }) : record);
  const files = jobFiles(folder), tasks = readLines(files.tasks).slice(0, read);
  const isKept = events ?? (({ id }: TaskEvent) => id < tasks.length);
  const kept = readEvents(folder).filter(isKept).map(toLine);
  for (const path of [files.tasks, files.sums, files.events]) Deno.removeSync(path);
  using list = new ListFile(folder, record.id);
  const bytes = encodeLines(tasks);
  if (tasks.length > 0) list.append({ id: 0, count: tasks.length, bytes });
  using journal = Journal.create(files.events, record.id);
  journal.append(encodeLines(kept));
}

function toLine(event: TaskEvent): string {
  if (event.type !== "succeeded") return eventLine(event);
  return successLine(event.id, event.attempt, event.ms, JSON.stringify(event.result));
}
