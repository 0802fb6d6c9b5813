/**
 * Rounds of jobs whose controllers and workers are killed at random moments.
 *
 * @module
 */

import { makeFolder } from "../support/files.ts";
import { randomOf } from "../support/random.ts";
import { killAfter, killWorkers } from "./kill.ts";
import { type CommandRun, projectFiles, resumeJob, startJob } from "./project.ts";
import { countEnded, verify } from "./verify.ts";

// Each task takes long enough for a kill in the middle of a job. Some attempts fail, and some tasks
// write a log.
const TASK = `export function square(x: number): number {
  const end = performance.now() + 0.05;
  while (performance.now() < end);
  if (x % 50 === 0) console.log("square of", x);
  if (Math.random() < 0.002) throw new Error("by chance");
  return x * x;
}
`;

// Chance failures alone practically never use up 20 attempts.
const RUN: CommandRun = { flags: ["--max-attempts", "20", "--backoff", "0"] };

/**
 * The longest time between two kills of workers, as a fraction of the duration of an undisturbed
 * job.
 */
const KILL_PACE = 0.3;

/** Options of a series of rounds. */
export interface ChaosOptions {
  /** The number of jobs. */
  readonly rounds: number;
  /** The number of tasks of each job. */
  readonly tasks: number;
  /** The seed for the random moments at which processes are killed. */
  readonly seed: number;
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
  const { rounds, tasks, seed } = options, random = randomOf(seed);
  const full = await timeFullRun(options);
  let wrong = 0, killed = 0, inside = 0;
  for (let number = 1; number <= rounds; number++) {
    const round = await playRound(options, full, random);
    wrong += round.wrong.length;
    killed += round.workersKilled;
    inside += round.ended.filter((count) => count > 0 && count < tasks).length;
    console.log(describe(number, round, options));
  }
  console.log(
    `${rounds} rounds of ${tasks} tasks, seed ${seed}: ` +
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

/** Returns the duration of an undisturbed job, in milliseconds. */
async function timeFullRun({ tasks }: ChaosOptions): Promise<number> {
  await using folder = await makeFolder(projectFiles(TASK, tasks));
  const started = performance.now();
  await startJob(folder.path, RUN).status;
  return performance.now() - started;
}

/** Starts a job, kills its controller twice, and resumes the job to its end. */
async function playRound(
  { tasks, workersToo }: ChaosOptions,
  full: number,
  random: () => number,
): Promise<Round> {
  await using folder = await makeFolder(projectFiles(TASK, tasks));
  let workersKilled = 0, rest = 1;
  const ended: number[] = [];
  for (let time = 0; time < 2; time++) {
    const controller = resumeJob(folder.path, RUN);
    const [, killed] = await Promise.all([
      killAfter(controller, full * random() * rest),
      workersToo ? killWorkers(controller, random, full * KILL_PACE) : 0,
    ]);
    workersKilled += killed;
    ended.push(await countEnded(folder.path));
    // The pending tasks take less time, but the start takes as long as before.
    rest = Math.max(0.4, 1 - ended[0]! / tasks);
  }
  const last = resumeJob(folder.path, RUN);
  const [{ code }, killed] = await Promise.all([
    last.status,
    workersToo ? killWorkers(last, random, full * KILL_PACE) : 0,
  ]);
  workersKilled += killed;
  const wrong = await verify(folder.path, tasks);
  return { ended, workersKilled, wrong: code === 0 ? wrong : [`exit status ${code}`, ...wrong] };
}
