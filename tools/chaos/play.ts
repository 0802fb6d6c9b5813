/**
 * Rounds of jobs whose controllers and workers are killed at random moments.
 *
 * @module
 */

import { readIfThere } from "../../lib/util/files/fs.ts";
import { makeFolder } from "../support/files.ts";
import { Mark } from "../support/mark.ts";
import { randomOf } from "../support/random.ts";
import type { RoundsOptions } from "../support/rounds.ts";
import { until } from "../support/until.ts";
import { killAfter, killWorkers } from "./kill.ts";
import { type Kind, PROJECTS } from "./kinds.ts";
import { type CommandRun, resumeJob, startJob } from "./project.ts";
import { countEnded, verify } from "./verify.ts";

// Chance failures alone practically never use up 20 attempts.
const FLAGS = ["--max-attempts", "20", "--backoff", "0"];

/**
 * The longest time between two kills of workers, as a fraction of the duration of an undisturbed
 * job.
 */
const KILL_PACE = 0.3;

/** The longest time for which a process may outlive its controller, in milliseconds. */
const GONE_MS = 2000;

/** Options of a series of rounds. */
export interface ChaosOptions extends RoundsOptions {
  /** The kind of the function. */
  readonly kind: Kind;
  /** True to kill workers as well as controllers. */
  readonly workersToo: boolean;
}

/** The outcome of one round. */
interface Round {
  /** The numbers of tasks that had ended at each of the two kills of the controller. */
  readonly ended: readonly number[];
  readonly workersKilled: number;
  /** The problems that were found; empty when there are no problems. */
  readonly wrong: readonly string[];
}

/** Plays rounds and returns the number of findings. Prints a line for each round, and a summary. */
export async function play(options: ChaosOptions): Promise<number> {
  const { kind, rounds, tasks, seed } = options, random = randomOf(seed);
  const pace = await measurePace(options);
  let wrong = 0, killed = 0, inside = 0;
  for (let number = 1; number <= rounds; number++) {
    const round = await playRound(options, pace, random);
    wrong += round.wrong.length;
    killed += round.workersKilled;
    inside += round.ended.filter((count) => count > 0 && count < tasks).length;
    console.log(describe(number, round, options));
  }
  console.log(
    `${rounds} rounds of ${tasks} tasks (${kind}), seed ${seed}: ` +
      `${2 * rounds} controllers killed, ${inside} of them in the middle, ` +
      `${killed} workers killed, ${wrong} things wrong`,
  );
  return wrong;
}

function describe(number: number, round: Round, { tasks, workersToo }: ChaosOptions): string {
  const workers = workersToo ? `, ${round.workersKilled} workers killed` : "";
  const end = round.wrong.length === 0 ? "all there" : round.wrong.join("; ");
  return `round ${number}: killed at ${round.ended.join(" and ")} of ${tasks}${workers}: ${end}`;
}

/** The durations of an undisturbed job, in milliseconds. */
interface Pace {
  readonly full: number;
  /** The time from the end of the first tasks. */
  readonly work: number;
}

async function measurePace({ kind, tasks }: ChaosOptions): Promise<Pace> {
  await using folder = await makeFolder(PROJECTS[kind].files(tasks));
  const started = performance.now(), job = startJob(folder.path, runOf(kind));
  await untilTasksEnd(job, folder.path);
  const began = performance.now();
  await job.status;
  return { full: performance.now() - started, work: performance.now() - began };
}

function runOf(kind: Kind, mark?: Mark): CommandRun {
  const { fn, flags } = PROJECTS[kind];
  return { fn, flags: [...FLAGS, ...flags], env: mark?.env ?? {} };
}

/** Starts a job, kills its controller twice, and resumes the job to its end. */
async function playRound(
  { kind, tasks, workersToo }: ChaosOptions,
  pace: Pace,
  random: () => number,
): Promise<Round> {
  const { files } = PROJECTS[kind], mark = new Mark(), run = runOf(kind, mark);
  await using folder = await makeFolder(files(tasks));
  const ended: number[] = [], wrong: string[] = [];
  let workersKilled = 0;
  const disturb = async (end: (controller: Deno.ChildProcess) => Promise<unknown>) => {
    const controller = resumeJob(folder.path, { ...run, stderr: "piped" });
    const said = new Response(controller.stderr).text();
    const killing = workersToo ? killWorkers(controller, random, pace.full * KILL_PACE) : 0;
    await end(controller);
    workersKilled += await killing;
    wrong.push(...await leftProcesses(mark));
    return { ...await controller.status, said: await said };
  };
  for (let time = 0; time < 2; time++) {
    // A quarter of the kills may hit the start or the end.
    const isInside = random() < 0.75, moment = random();
    await disturb(async (controller) => {
      if (isInside) await untilTasksEnd(controller, folder.path);
      await killAfter(controller, moment * (isInside ? pace.work : pace.full));
    });
    ended.push(countEnded(folder.path));
  }
  const { code, said } = await disturb((controller) => controller.status);
  if (code !== 0) wrong.push(`exit status ${code}: ${said.trim()}`);
  return { ended, workersKilled, wrong: [...wrong, ...verify(folder.path, tasks)] };
}

/** Waits until more tasks of a job have ended, or its controller. */
async function untilTasksEnd(controller: Deno.ChildProcess, cwd: string): Promise<void> {
  let hasEnded = false;
  controller.status.then(() => hasEnded = true);
  const before = countEnded(cwd);
  await until(() => hasEnded || countEnded(cwd) > before, "a task has ended");
}

/** Returns a finding when processes outlive the controller that started them. */
async function leftProcesses(mark: Mark): Promise<string[]> {
  try {
    await mark.untilGone(GONE_MS);
    return [];
  } catch {
    const commands = mark.pids().map((pid) => `${pid} ${commandOf(pid)}`);
    return commands.length === 0 ? [] : [`processes are left: ${commands.join(", ")}`];
  }
}

function commandOf(pid: number): string {
  return readIfThere(`/proc/${pid}/cmdline`).replaceAll("\0", " ").slice(0, 80) || "(ended)";
}
