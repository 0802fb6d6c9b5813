/**
 * The time and the memory of commands on past jobs, compared with one read of the journal.
 *
 * @module
 */

import { STORE } from "../lib/job_dir/layout.ts";
import { readRecord, writeRecord } from "../lib/job_dir/record.ts";
import { listJobs } from "../lib/job_dir/find.ts";
import { countLines } from "../lib/util/files/fs.ts";
import { makeFolder } from "../tools/support/files.ts";
import { writeList } from "./lines.ts";
import { CLI, denoRun, IS_QUICK, roundsOf, runProgram, settleDisk, watchPeak } from "./process.ts";
import { median, type Report, round } from "./report.ts";

const ROUNDS = roundsOf(7, 2);
const LENGTHS = IS_QUICK ? [1e4, 1e5] : [1e4, 1e6];

/** Reads a file and ignores its content. */
const READER = `
for await (const _ of (await Deno.open(Deno.args[0])).readable);
`;

/** A command and the state of the job that it reads. */
interface Case {
  readonly name: string;
  readonly args: (folder: string) => readonly string[];
  readonly isDead?: boolean;
  /** The number of results that the command prints for `tasks` tasks, or a text in its output. */
  readonly prints: (tasks: number) => number | RegExp;
}

const cli = (...args: string[]) => () => [CLI, ...args];
const counts = (tasks: number) => new RegExp(`\\b${tasks}\\b`);
const CASES: readonly Case[] = [
  {
    name: "reading the journal once",
    args: (folder) => ["reader.ts", `${folder}/events.ndjson`],
    prints: () => 0,
  },
  { name: "jobs", args: cli("jobs"), prints: counts },
  { name: "status", args: cli("status"), prints: counts },
  { name: "status of one that died", args: cli("status"), isDead: true, prints: counts },
  { name: "results", args: cli("results"), prints: (tasks) => tasks },
  { name: "results --errors", args: cli("results", "--errors"), prints: () => 0 },
  { name: "resume with nothing to do", args: cli("resume"), prints: counts },
  { name: "resume of one that died", args: cli("resume"), isDead: true, prints: counts },
];

/** Runs each command on a job of each length, in turn. */
export async function* bench(): AsyncGenerator<Report> {
  const rows: Report["rows"][number][] = [];
  for (const length of LENGTHS) rows.push(...await benchLength(length));
  yield { title: `Commands on a past job, no-op tasks; median of ${ROUNDS} rounds`, rows };
}

async function benchLength(length: number): Promise<Report["rows"]> {
  await using folder = await makeFolder({
    "tasks.js": "export const square = (x) => x * x;\n",
    "reader.ts": READER,
  });
  writeList(`${folder.path}/list.ndjson`, length, (index) => index);
  const map = ["map", "tasks.js#square", "list.ndjson", "-o", "output.ndjson"];
  await runProgram(denoRun(CLI, ...map), folder.path);
  await settleDisk();
  const times = CASES.map((): number[] => []), peaks = CASES.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, one] of CASES.entries()) {
      const { ms, peak } = await runCase(one, length, folder.path);
      times[index]!.push(ms);
      peaks[index]!.push(peak);
    }
  }
  const reading = median(times[0]!);
  return CASES.map(({ name }, index) => ({
    command: name,
    tasks: length,
    ms: Math.round(median(times[index]!)),
    "times reading": round(median(times[index]!) / reading),
    "peak MB": Math.round(median(peaks[index]!) / 1e6),
  }));
}

async function runCase(
  { name, args, isDead = false, prints }: Case,
  tasks: number,
  cwd: string,
): Promise<{ ms: number; peak: number }> {
  const folder = `${cwd}/${STORE}/${listJobs(cwd).at(-1)}`;
  if (isDead) killInHindsight(folder);
  const program = denoRun(...args(folder));
  const started = performance.now();
  // `exec` replaces the shell with the command, so the measured memory is that of the command.
  const child = new Deno.Command("sh", {
    args: ["-c", 'exec "$0" "$@" > stdout.txt 2> stderr.txt', program.command, ...program.args],
    cwd,
    stdin: "null",
  }).spawn();
  const peak = await watchPeak(child);
  const { success } = await child.status;
  const ms = performance.now() - started;
  if (success && isPrinted(prints(tasks), cwd)) return { ms, peak };
  throw new Error(`Cannot measure ${name}: ${Deno.readTextFileSync(`${cwd}/stderr.txt`)}`);
}

function isPrinted(expected: number | RegExp, cwd: string): boolean {
  const [stdout, stderr] = [`${cwd}/stdout.txt`, `${cwd}/stderr.txt`];
  if (typeof expected === "number") return countLines(stdout) === expected;
  return expected.test(Deno.readTextFileSync(stdout) + Deno.readTextFileSync(stderr));
}

/** Rewrites a job's files as if its controller had been killed just before the end. */
function killInHindsight(folder: string): void {
  const { state: _state, ended: _ended, counts: _counts, ...record } = readRecord(folder);
  writeRecord(folder, record);
}
