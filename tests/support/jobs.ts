/**
 * Jobs in a folder of their own, and what they leave behind: records, and no processes.
 *
 * @module
 */

import { Job } from "../../lib/api/job.ts";
import { loadEsbuild } from "../../lib/deps.ts";
import type { Summary } from "../../lib/job/summary.ts";
import type { JobOptions, RunOptions } from "../../lib/job/options.ts";
import { eventLine, successLine, type TaskEvent } from "../../lib/journal/format.ts";
import { parseEvents } from "../../lib/journal/scan.ts";
import { type Folder, makeFolder } from "../../tools/support/files.ts";
import { until } from "../../tools/support/until.ts";
import { assertEquals } from "./assert.ts";

// It starts its service in the folder where it was loaded, which must outlive that of a test.
await loadEsbuild();

/** A folder with some files that is the working directory until the test ends. */
export async function enterFolder(files: Readonly<Record<string, string>> = {}): Promise<Folder> {
  const folder = await makeFolder(files);
  const before = Deno.cwd();
  Deno.chdir(folder.path);
  return {
    ...folder,
    [Symbol.asyncDispose]: () => {
      Deno.chdir(before);
      return folder[Symbol.asyncDispose]();
    },
  };
}

const QUIET = { noisy: false, printLogs: false, log: false, workers: 2 } as const;

/** Runs a job that says nothing. */
export async function runJob(options: JobOptions, how: RunOptions = {}): Promise<Summary> {
  return await new Job({ ...QUIET, ...options }).run(how);
}

/** The whole lines of a file; none when it is not there. */
export function readLines(path: string | undefined): string[] {
  try {
    return Deno.readTextFileSync(path!).split("\n").slice(0, -1);
  } catch {
    return [];
  }
}

/** The events of a job's journal. */
export function readEvents(folder: string): TaskEvent[] {
  const [, ...lines] = readLines(`${folder}/events.ndjson`);
  return parseEvents(lines.map((line) => line + "\n").join(""));
}

/** Events without what no two runs have in common: how long it took, and where. */
export function bare(events: readonly TaskEvent[]): unknown[] {
  return events.map((event) => {
    const { ms: _ms, ...rest } = { ms: 0, ...event };
    if (!("error" in rest)) return rest;
    const { stack: _stack, ...error } = rest.error;
    return { ...rest, error };
  });
}

/** Fails unless every task of a job has exactly one end: a result, and all results are given. */
export function assertResults(folder: string, results: readonly unknown[]): void {
  const ends = readEvents(folder).filter(({ type }) => type === "succeeded" || type === "failed");
  const found = ends.map((event) => [event.id, "result" in event ? event.result : event]);
  assertEquals(found.sort(([a], [b]) => Number(a) - Number(b)), [...results.entries()]);
}

/** Something in the environment of processes by which they are found again. */
export class Mark {
  readonly env: Readonly<Record<string, string>> = { TEST_MARK: crypto.randomUUID() };

  /** The processes that have it, other than this one. */
  pids(): number[] {
    return Array.from(Deno.readDirSync("/proc"), ({ name }) => Number(name))
      .filter((pid) => pid > 0 && pid !== Deno.pid && this.#has(pid));
  }

  /** Waits until there is none any more. */
  async untilGone(): Promise<void> {
    if (Deno.build.os === "linux") {
      await until(() => this.pids().length === 0, "all processes have ended");
    }
  }

  #has(pid: number): boolean {
    try {
      return Deno.readTextFileSync(`/proc/${pid}/environ`).includes(this.env.TEST_MARK!);
    } catch {
      return false;
    }
  }
}

const CLI = new URL("../../cli.ts", import.meta.url).href;

/** How the command is run. */
export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What stdin gives. @default {nothing} */
  readonly input?: string;
}

/** Starts the command `dl_jobs` in the working directory. */
export function startCli(
  args: readonly string[],
  { env = {} }: CliOptions = {},
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", CLI, ...args],
    env: { NO_COLOR: "1", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** What a command said, and how it ended. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Gathers what a command says until it ends. */
export async function endOf(process: Deno.ChildProcess): Promise<Said> {
  const { code, stdout, stderr } = await process.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Runs the command `dl_jobs` in the working directory. */
export async function cli(args: readonly string[], options: CliOptions = {}): Promise<Said> {
  const process = startCli(args, options);
  const writer = process.stdin.getWriter();
  const said = endOf(process);
  await writer.write(new TextEncoder().encode(options.input ?? "")).catch(() => {});
  await writer.close().catch(() => {});
  return await said;
}

/** The record of a job, as it stands in `job.json`. */
export function recordOf(folder: string): Record<string, unknown> {
  return JSON.parse(Deno.readTextFileSync(`${folder}/job.json`));
}

/** How far a job had come when its controller died. */
export interface Death {
  /** How many tasks had been read of the list. @default {all of it} */
  readonly read?: number;
  /** Which events had been recorded. @default {those of the tasks that had been read} */
  readonly events?: (event: TaskEvent) => boolean;
}

/** Makes of a job that has ended one whose controller was killed on the way. */
export function kill(folder: string, { read, events }: Death = {}): void {
  const { state: _state, ended: _ended, counts: _counts, isRead, ...record } = recordOf(folder);
  const rest = read === undefined ? { ...record, isRead } : record;
  Deno.writeTextFileSync(`${folder}/job.json`, JSON.stringify(rest));
  const tasks = readLines(`${folder}/tasks.ndjson`).slice(0, read);
  Deno.writeTextFileSync(`${folder}/tasks.ndjson`, tasks.map((line) => line + "\n").join(""));
  const isKept = events ?? (({ id }: TaskEvent) => id < tasks.length);
  const [header] = readLines(`${folder}/events.ndjson`);
  const kept = [header, ...readEvents(folder).filter(isKept).map(toLine)];
  Deno.writeTextFileSync(`${folder}/events.ndjson`, kept.map((line) => line + "\n").join(""));
}

function toLine(event: TaskEvent): string {
  if (event.type !== "succeeded") return eventLine(event);
  return successLine(event.id, event.attempt, event.ms, JSON.stringify(event.result));
}
