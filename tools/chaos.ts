/**
 * Kills controllers, and with `--workers-too` workers, at random moments, and sees that nothing is lost.
 *
 * `deno run -A tools/chaos.ts [--rounds N] [--tasks N] [--seed N] [--workers-too]`
 *
 * A round: a job is started and killed with SIGKILL, resumed and killed again, and resumed to its end.
 * Then every task must have exactly one final event, every result must be there exactly once, and no
 * line may be torn. A line says what was seen in a round; the exit status is 1 when anything is wrong.
 *
 * @module
 */

import { STORE } from "../lib/job_dir/layout.ts";
import { listJobs } from "../lib/job_dir/find.ts";
import { parseEvents } from "../lib/journal/scan.ts";
import { fromFileUrl } from "../lib/util/paths.ts";

const CLI = fromFileUrl(new URL("../cli.ts", import.meta.url).href);

// Long enough that a job can be killed in its middle; some attempts fail, and some are talkative.
const TASK = `export function square(x: number): number {
  const end = performance.now() + 0.05;
  while (performance.now() < end);
  if (x % 50 === 0) console.log("square of", x);
  if (Math.random() < 0.002) throw new Error("by chance");
  return x * x;
}
`;

interface Options {
  readonly rounds: number;
  readonly tasks: number;
  readonly seed: number;
  readonly workersToo: boolean;
}

/** What was seen in one round. */
interface Round {
  /** How many tasks had ended when the controller was killed, the first and the second time. */
  readonly ended: readonly number[];
  readonly workersKilled: number;
  readonly wrong: readonly string[];
}

async function main(options: Options): Promise<number> {
  const random = randomOf(options.seed);
  const full = await timeFullRun(options);
  let wrong = 0, killed = 0, inside = 0;
  for (let number = 1; number <= options.rounds; number++) {
    const round = await playRound(options, full, random);
    wrong += round.wrong.length;
    killed += round.workersKilled;
    inside += round.ended.filter((count) => count > 0 && count < options.tasks).length;
    console.log(
      `round ${number}: killed at ${round.ended.join(" and ")} of ${options.tasks}` +
        (options.workersToo ? `, ${round.workersKilled} workers killed` : "") +
        `: ${round.wrong.length === 0 ? "all there" : round.wrong.join("; ")}`,
    );
  }
  console.log(
    `${options.rounds} rounds of ${options.tasks} tasks, seed ${options.seed}: ` +
      `${2 * options.rounds} controllers killed, ${inside} of them in the middle, ` +
      `${killed} workers killed, ${wrong} things wrong`,
  );
  return wrong === 0 ? 0 : 1;
}

/** How long a job takes that nobody disturbs, so that it can be disturbed at any moment of that. */
async function timeFullRun({ tasks }: Options): Promise<number> {
  await using folder = await makeProject(tasks);
  const started = performance.now();
  await ended(start(folder.path));
  return performance.now() - started;
}

async function playRound(
  { tasks, workersToo }: Options,
  full: number,
  random: () => number,
): Promise<Round> {
  await using folder = await makeProject(tasks);
  let workersKilled = 0;
  const ends: number[] = [];
  let rest = 1;
  for (let time = 0; time < 2; time++) {
    const controller = time === 0 ? start(folder.path) : await goOn(folder.path);
    const [, killed] = await Promise.all([
      killAfter(controller, full * random() * rest),
      workersToo ? killWorkers(controller, random) : 0,
    ]);
    workersKilled += killed;
    ends.push(await countEnded(folder.path));
    // What is left takes less time, but for the start.
    rest = Math.max(0.4, 1 - ends[0]! / tasks);
  }
  const last = await goOn(folder.path);
  const killing = workersToo ? killWorkers(last, random) : Promise.resolve(0);
  const code = await ended(last);
  workersKilled += await killing;
  const wrong = await verify(folder.path, tasks);
  return {
    ended: ends,
    workersKilled,
    wrong: code === 0 ? wrong : [`exit status ${code}`, ...wrong],
  };
}

function start(cwd: string): Deno.ChildProcess {
  return dlJobs(cwd, [
    "map",
    "task.ts#square",
    "in.ndjson",
    "--output",
    "out.ndjson",
    "--no-noisy",
    // By chance no task fails as often as that.
    ...["--max-attempts", "20", "--backoff", "0"],
  ]);
}

/** Resumes the job; one that was killed before it began is started again. */
async function goOn(cwd: string): Promise<Deno.ChildProcess> {
  return (await listJobs(cwd)).length === 0 ? start(cwd) : dlJobs(cwd, ["resume"]);
}

function dlJobs(cwd: string, args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", CLI, ...args],
    cwd,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

async function ended(process: Deno.ChildProcess): Promise<number> {
  return (await process.status).code;
}

async function killAfter(process: Deno.ChildProcess, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([promise, process.status]);
  clearTimeout(timer);
  kill(process.pid);
  await process.status;
}

/** Kills a worker of a controller now and then, until the controller is gone. */
async function killWorkers(controller: Deno.ChildProcess, random: () => number): Promise<number> {
  let isRunning = true, killed = 0;
  controller.status.then(() => isRunning = false);
  while (isRunning) {
    await new Promise((resolve) => setTimeout(resolve, 20 + 300 * random()));
    const workers = isRunning ? workersOf(controller.pid) : [];
    const worker = workers[Math.floor(random() * workers.length)];
    if (worker !== undefined && kill(worker)) killed++;
  }
  return killed;
}

function workersOf(controller: number): number[] {
  const pids = [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter(
    Number.isInteger,
  );
  return pids.filter((pid) => {
    try {
      const parent = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]?.split(" ")[1];
      return Number(parent) === controller &&
        Deno.readTextFileSync(`/proc/${pid}/cmdline`).includes("bundle.js");
    } catch {
      return false;
    }
  });
}

function kill(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

async function countEnded(cwd: string): Promise<number> {
  const folder = await jobFolder(cwd);
  if (folder === undefined) return 0;
  return wholeLines(await readIfThere(`${folder}/events.ndjson`))
    .filter((line) => line.includes('"result"')).length;
}

/** What is wrong with a job that has ended. */
async function verify(cwd: string, tasks: number): Promise<string[]> {
  const folder = await jobFolder(cwd);
  if (folder === undefined) return ["there is no job"];
  const paths = ["events", "tasks", "logs"].map((name) => `${folder}/${name}.ndjson`);
  const [events, list, logs, results] = await Promise.all(
    [...paths, `${cwd}/out.ndjson`].map(readIfThere),
  );
  return [
    ...torn("journal", events!),
    ...torn("list", list!),
    ...torn("log", logs!),
    ...torn("results", results!),
    ...wrongEvents(wholeLines(events!).slice(1), tasks),
    ...wrongCount("list", wholeLines(list!), tasks),
    ...wrongResults(wholeLines(results!), tasks),
  ];
}

function torn(name: string, text: string): string[] {
  const lines = wholeLines(text);
  const broken = lines.filter((line) => !isJson(line)).length;
  return [
    ...text !== "" && !text.endsWith("\n") ? [`the last line of the ${name} is torn`] : [],
    ...broken > 0 ? [`${broken} lines of the ${name} are no JSON`] : [],
  ];
}

function wrongEvents(lines: readonly string[], tasks: number): string[] {
  const finals = new Map<number, number>();
  for (const { id, type } of parseEvents(lines.map((line) => line + "\n").join(""))) {
    if (type === "succeeded" || type === "failed") finals.set(id, (finals.get(id) ?? 0) + 1);
  }
  const many = [...finals.values()].filter((count) => count > 1).length;
  return [
    ...finals.size === tasks ? [] : [`${finals.size} tasks have ended`],
    ...many > 0 ? [`${many} tasks have several final events`] : [],
  ];
}

function wrongCount(name: string, lines: readonly string[], tasks: number): string[] {
  return lines.length === tasks ? [] : [`the ${name} has ${lines.length} lines`];
}

function wrongResults(lines: readonly string[], tasks: number): string[] {
  const expected = new Set(Array.from({ length: tasks }, (_, x) => String(x * x)));
  const missing = expected.difference(new Set(lines)).size;
  return [
    ...wrongCount("results", lines, tasks),
    ...missing > 0 ? [`${missing} results are missing`] : [],
  ];
}

function wholeLines(text: string): string[] {
  return text.split("\n").slice(0, -1);
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

async function jobFolder(cwd: string): Promise<string | undefined> {
  const [id] = await listJobs(cwd);
  return id && `${cwd}/${STORE}/${id}`;
}

async function readIfThere(path: string): Promise<string> {
  return await Deno.readTextFile(path).catch(() => "");
}

async function makeProject(tasks: number): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "dl_jobs_chaos_" });
  await Deno.writeTextFile(`${path}/task.ts`, TASK);
  const list = Array.from({ length: tasks }, (_, x) => `${x}\n`).join("");
  await Deno.writeTextFile(`${path}/in.ndjson`, list);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** Numbers from 0 to 1 that are the same for the same seed: a linear congruence is enough here. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function optionsOf(args: readonly string[]): Options {
  const number = (name: string, otherwise: number) => {
    const at = args.indexOf(name);
    return at < 0 ? otherwise : Number(args[at + 1]);
  };
  return {
    rounds: number("--rounds", 5),
    tasks: number("--tasks", 20_000),
    seed: number("--seed", Date.now() % 2 ** 31),
    workersToo: args.includes("--workers-too"),
  };
}

Deno.exit(await main(optionsOf(Deno.args)));
