/**
 * Rounds of jobs on a disk whose power is cut at a random moment.
 *
 * @module
 */

import { readIfThere } from "../../lib/util/files/fs.ts";
import { listJobs } from "../../lib/job_dir/find.ts";
import { jobFolder } from "../../lib/job_dir/layout.ts";
import { readRecord } from "../../lib/job_dir/record.ts";
import { type CommandRun, projectFiles, resumeJob, startJob } from "../chaos/project.ts";
import { verify } from "../chaos/verify.ts";
import { makeFolder } from "../support/files.ts";
import { randomOf } from "../support/random.ts";
import type { RoundsOptions } from "../support/rounds.ts";
import { until } from "../support/until.ts";
import { PowerCutDisk } from "./disk.ts";

// Each task records its end on another disk, which keeps its power.
const TASK = `const log = Deno.openSync(Deno.env.get("CALLS")!, { append: true, create: true });
export function square(x: number): number {
  const end = performance.now() + 0.4;
  while (performance.now() < end);
  log.writeSync(new TextEncoder().encode(x + " " + Date.now() + "\\n"));
  return x * x;
}
`;

/**
 * The longest time between the end of a task and the sync of its event, in milliseconds. A second
 * is promised from the write to the start of the sync. The rest is for a slow disk.
 */
const PROMISED_MS = 4000;

/** Plays rounds and returns the number of findings. Prints a line for each round, and a summary. */
export async function play({ rounds, tasks, seed }: RoundsOptions): Promise<number> {
  const random = randomOf(seed);
  let wrong = 0;
  for (let number = 1; number <= rounds; number++) {
    const round = await playRound(tasks, MOMENTS[number % MOMENTS.length]!(tasks, random));
    wrong += round.wrong.length;
    const end = round.wrong.length === 0 ? "nothing wrong" : round.wrong.join("; ");
    console.log(`cut ${number}: ${round.story}: ${end}`);
  }
  console.log(`${rounds} power cuts, ${tasks} tasks, seed ${seed}: ${wrong} things wrong`);
  return wrong;
}

/** The moment of a cut: a number of tasks that have run, and a time after that. */
interface Moment {
  readonly calls: number;
  readonly ms: number;
}

/** The kinds of moments: after the end, during the start, and twice while tasks run. */
const MOMENTS: readonly ((tasks: number, random: () => number) => Moment)[] = [
  (tasks) => ({ calls: tasks, ms: 60_000 }),
  (_tasks, random) => ({ calls: 0, ms: 1500 * random() }),
  (tasks, random) => ({ calls: Math.ceil(tasks * random()), ms: 0 }),
  (tasks, random) => ({ calls: Math.ceil(tasks * random()), ms: 100 * random() }),
];

/** The outcome of one round. */
interface Round {
  readonly story: string;
  /** The problems that were found; empty when there are no problems. */
  readonly wrong: readonly string[];
}

/** Runs a job, cuts the power, and checks what the disk has kept. */
async function playRound(tasks: number, moment: Moment): Promise<Round> {
  await using disk = await PowerCutDisk.create();
  await using calls = await makeFolder();
  const cwd = `${disk.path}/project`, log = `${calls.path}/first`;
  await makeProject(cwd, tasks);
  const job = startJob(cwd, runWith(log));
  await until(() => readCalls(log).size >= moment.calls, "the tasks have run");
  const ended = await endWithin(job, moment.ms);
  disk.cut();
  const cutAt = Date.now();
  await killGroup(job);
  await disk.restart();
  const wrong = [
    ...ended ? wrongEnd(cwd, ended) : [],
    ...wrongStates(cwd, tasks),
    ...await wrongResume(cwd, tasks, calls.path, cutAt),
  ];
  return {
    story: `${readCalls(log).size} tasks had run${ended ? ", and the job had ended" : ""}`,
    wrong,
  };
}

async function makeProject(cwd: string, tasks: number): Promise<void> {
  await Deno.mkdir(cwd);
  const files = { ...projectFiles(TASK, tasks), "out.ndjson": "old\n" };
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${cwd}/${name}`, text);
  }
  await new Deno.Command("sync", { args: ["-f", cwd] }).output();
}

/** Returns how to run a command in a process group of its own. */
function runWith(calls: string): CommandRun {
  return { env: { CALLS: calls }, detached: true };
}

async function endWithin(
  job: Deno.ChildProcess,
  ms: number,
): Promise<Deno.CommandStatus | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  const status = await Promise.race([job.status, late]);
  clearTimeout(timer);
  return status;
}

async function killGroup(job: Deno.ChildProcess): Promise<void> {
  await new Deno.Command("kill", { args: ["-9", "--", `-${job.pid}`], stderr: "null" }).output();
  await job.status;
}

/** Checks a job whose command had succeeded before the cut. */
function wrongEnd(cwd: string, { code }: Deno.CommandStatus): string[] {
  if (code !== 0) return [`the job ended with status ${code}`];
  const state = listJobs(cwd).map((id) => readRecord(jobFolder(id, cwd)).state).join();
  return state === "succeeded" ? [] : [`the job had succeeded, and is ${state || "gone"}`];
}

/** Checks that a job that is said to have succeeded has all results, without a resume. */
function wrongStates(cwd: string, tasks: number): string[] {
  const id = listJobs(cwd).at(-1);
  const state = id && readRecord(jobFolder(id, cwd)).state;
  return state === "succeeded" ? verify(cwd, tasks) : [];
}

/** Resumes the job, and checks its results and the number of tasks that had to run again. */
async function wrongResume(
  cwd: string,
  tasks: number,
  calls: string,
  cutAt: number,
): Promise<string[]> {
  const again = `${calls}/again`;
  const { code } = await resumeJob(cwd, runWith(again)).status;
  const first = readCalls(`${calls}/first`), repeated = readCalls(again);
  const late = [...first].filter(([x, at]) => repeated.has(x) && cutAt - at > PROMISED_MS);
  return [
    ...code === 0 ? [] : [`resume ended with status ${code}`],
    ...late.length === 0 ? [] : [`${late.length} tasks ran again that had ended long before`],
    ...verify(cwd, tasks),
  ];
}

/** Reads the times at which tasks ended, by their arguments. */
function readCalls(path: string): Map<string, number> {
  const lines = readIfThere(path).split("\n").slice(0, -1);
  return new Map(lines.map((line) => [line.split(" ")[0]!, Number(line.split(" ")[1])]));
}
