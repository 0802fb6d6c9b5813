/**
 * How long the commands on past jobs take, and how much memory, against reading the journal once.
 *
 * @module
 */

import { fromFileUrl } from "../../lib/locate.ts";
import { listJobs, readRecord, STORE, writeRecord } from "../../lib/store.ts";
import { makeFolder } from "../../tests/_files.ts";
import { writeList } from "./_lines.ts";
import { denoRun, IS_QUICK, type Program, runProgram, settleDisk, watchPeak } from "./_process.ts";
import { median, type Report, round } from "./_report.ts";

const CLI = fromFileUrl(new URL("../../cli.ts", import.meta.url).href);
const ROUNDS = IS_QUICK ? 2 : 7;
const LENGTHS = IS_QUICK ? [1e4, 1e5] : [1e4, 1e6];

/** Reads a file and does nothing with it. */
const READER = `
for await (const _ of (await Deno.open(Deno.args[0])).readable);
`;

/** One command, and the state of the job that it is about. */
interface Case {
  readonly name: string;
  readonly program: (folder: string) => Program;
  readonly isDead?: boolean;
}

const cli = (...args: string[]) => () => denoRun(CLI, ...args);
const shell = (command: string): Program => ({ command: "sh", args: ["-c", command] });
const CASES: readonly Case[] = [
  {
    name: "reading the journal once",
    program: (folder) => denoRun("reader.ts", `${folder}/events.ndjson`),
  },
  { name: "jobs", program: cli("jobs") },
  { name: "status", program: cli("status") },
  { name: "status of one that died", program: cli("status"), isDead: true },
  {
    name: "results | head -1",
    program: () => shell(`"${Deno.execPath()}" run -A "${CLI}" results | head -1`),
  },
  { name: "results", program: cli("results") },
  { name: "results --errors", program: cli("results", "--errors") },
  { name: "resume with nothing to do", program: cli("resume") },
  { name: "resume of one that died", program: cli("resume"), isDead: true },
];

/** Runs each command on a job of each length, in turns. */
export async function bench(): Promise<Report> {
  const rows: Report["rows"][number][] = [];
  for (const length of LENGTHS) rows.push(...await benchLength(length));
  return { title: `Commands on a past job, no-op tasks; median of ${ROUNDS} rounds`, rows };
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
      const { ms, peak } = await runCase(one, folder.path);
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
  { program, isDead = false }: Case,
  cwd: string,
): Promise<{ ms: number; peak: number }> {
  const folder = `${cwd}/${STORE}/${(await listJobs(cwd)).at(-1)}`;
  if (isDead) await killInHindsight(folder);
  const { command, args } = program(folder);
  const started = performance.now();
  const child = new Deno.Command(command, {
    args: [...args],
    cwd,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const peak = await watchPeak(child);
  const { success } = await child.status;
  const ms = performance.now() - started;
  if (!success) throw new Error(`Cannot measure ${[command, ...args].join(" ")}: it failed`);
  return { ms, peak };
}

/** Makes a job look as if its controller had been killed just before the end. */
async function killInHindsight(folder: string): Promise<void> {
  const { state: _state, ended: _ended, counts: _counts, ...record } = await readRecord(folder);
  writeRecord(folder, record);
}
