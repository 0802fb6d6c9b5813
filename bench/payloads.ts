/**
 * The cost of payloads: dl_jobs and a plain loop in one process, with the CPU time and the memory of
 * all processes. Each case is a short list, in which the start counts, and a longer one.
 *
 * `BENCH_ONLY="1 KB"` runs one case.
 *
 * @module
 */

import { countLines } from "../lib/util/files/fs.ts";
import { makeFolder } from "../tools/support/files.ts";
import { WORKERS } from "./cases.ts";
import { FLOOR } from "./contenders.ts";
import { writeList } from "./lines.ts";
import { PAYLOAD_CASES, type PayloadCase } from "./payload_cases.ts";
import {
  CLI,
  denoRun,
  here,
  IS_QUICK,
  type Program,
  removeJobs,
  roundsOf,
  settleDisk,
} from "./process.ts";
import { median, type Report, round } from "./report.ts";
import { measure, type Usage } from "./usage.ts";

const ROUNDS = roundsOf(7);
// The length of the longer list. Its files fit into the memory that Linux keeps for a slow disk.
const LONGER = 5;
const TASKS = here("peers/tasks.mjs");

/** Runs each case as a plain loop and as a job, in turn. */
export async function* bench(): AsyncGenerator<Report> {
  const title = `Payloads: dl_jobs map with ${WORKERS} workers and a plain loop in one process; ` +
    `median of ${ROUNDS} rounds`;
  await using folder = await makeFolder({ "tasks.mjs": Deno.readTextFileSync(TASKS) });
  const only = Deno.env.get("BENCH_ONLY"), rows: Report["rows"][number][] = [];
  for (const one of PAYLOAD_CASES) {
    if (!only || one.name === only) rows.push(await runCase(scaled(one), folder.path));
  }
  yield { title, rows };
}

function scaled(one: PayloadCase): PayloadCase {
  return IS_QUICK ? { ...one, tasks: Math.ceil(one.tasks / 100) } : one;
}

async function runCase(of: PayloadCase, cwd: string): Promise<Report["rows"][number]> {
  const short = await measureCase(of, cwd), { tasks } = of;
  // A case of one task has a long value instead of a long list.
  const long = tasks === 1 ? short : await measureCase({ ...of, tasks: LONGER * tasks }, cwd);
  return {
    payload: of.name,
    tasks: tasks === 1 ? 1 : LONGER * tasks,
    [`${FLOOR} s`]: seconds(long.loop, "ms"),
    "map s": seconds(long.job, "ms"),
    "times the time": times(long, "ms"),
    [`${FLOOR} CPU s`]: seconds(long.loop, "cpuMs"),
    "map CPU s": seconds(long.job, "cpuMs"),
    "times the CPU": times(long, "cpuMs"),
    "map MB": Math.round(median(long.job.map(({ peak }) => peak)) / 1e6),
    [`time, 1/${LONGER}`]: times(short, "ms"),
    [`CPU, 1/${LONGER}`]: times(short, "cpuMs"),
  };
}

interface Rounds {
  readonly loop: readonly Usage[];
  readonly job: readonly Usage[];
}

async function measureCase(of: PayloadCase, cwd: string): Promise<Rounds> {
  writeList(`${cwd}/list.ndjson`, of.tasks, of.args);
  const loop: Usage[] = [], job: Usage[] = [];
  // The first round fills the caches.
  for (let number = -1; number < ROUNDS; number++) {
    const usages = [await runOnce(of, loopOf(of), cwd), await runOnce(of, jobOf(of), cwd)] as const;
    if (number < 0) continue;
    loop.push(usages[0]);
    job.push(usages[1]);
  }
  return { loop, job };
}

/** Compares a loop and a job within each round, because the load of the machine changes. */
function times({ loop, job }: Rounds, key: keyof Usage): number {
  return round(median(job.map((one, i) => one[key] / loop[i]![key])));
}

function seconds(found: readonly Usage[], key: "ms" | "cpuMs"): number {
  return round(median(found.map((usage) => usage[key])) / 1000);
}

async function runOnce(of: PayloadCase, program: Program, cwd: string): Promise<Usage> {
  await settleDisk();
  const usage = await measure(program, cwd);
  const lines = countLines(`${cwd}/output.ndjson`);
  await removeJobs(cwd);
  // A job writes failures to its errors, not to its results.
  if (lines === of.tasks || (of.method === "fail" && lines === 0)) return usage;
  const stderr = Deno.readTextFileSync(`${cwd}/stderr.txt`).slice(-500);
  throw new Error(`Cannot measure ${of.name}: ${lines} of ${of.tasks} lines; ${stderr}`);
}

function loopOf({ method }: PayloadCase): Program {
  return denoRun(here("floor.ts"), TASKS, method, "list.ndjson", OUTPUT, "1");
}

function jobOf({ method }: PayloadCase): Program {
  const flags = ["--workers", `${WORKERS}`, "--quiet", "--no-print-logs", "-o", OUTPUT];
  return denoRun(CLI, "map", `tasks.mjs#${method}`, "list.ndjson", ...flags);
}

const OUTPUT = "output.ndjson";
