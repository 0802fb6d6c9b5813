/**
 * Functions in Python, compared with `multiprocessing.Pool`: the CPU time of empty tasks in all
 * processes together, and the start of a worker.
 *
 * @module
 */

import { bundleTask } from "../lib/bundle/build.ts";
import { toFileUrl } from "../lib/util/paths.ts";
import { makeFolder } from "../tools/support/files.ts";
import { writeList } from "./lines.ts";
import {
  CLI,
  denoRun,
  here,
  IS_QUICK,
  type Program,
  removeJobs,
  roundsOf,
  runProgram,
} from "./process.ts";
import { median, type Report, round } from "./report.ts";

const ROUNDS = roundsOf(7), STARTS = IS_QUICK ? 1 : 21;
const MANY = IS_QUICK ? 1000 : 1_000_000, FEW = IS_QUICK ? 100 : 100_000;
const BUSY = IS_QUICK ? 200 : 20_000;
// The fastest of the sizes 100, 1000, 5000 and 20000.
const CHUNK = 5000;

/** A program, and the number of tasks that it runs. */
interface Contender {
  readonly who: string;
  readonly tasks: number;
  readonly program: Program;
}

/** Compares functions in Python. */
export async function* bench(): AsyncGenerator<Report> {
  await using folder = await makeFolder({
    "tasks.py": await Deno.readTextFile(here("peers/tasks.py")),
  });
  for (const [name, count] of Object.entries({ many: MANY, few: FEW, busy: BUSY })) {
    writeList(`${folder.path}/${name}.ndjson`, count, (index) => index);
  }
  const { path } = folder, rounds = `median of ${ROUNDS} rounds`;
  yield await compareTasks(`Empty tasks in Python, microseconds per task, ${rounds}`, EMPTY, path);
  const busy = `Tasks of 1 ms of CPU time in Python, microseconds per task, ${rounds}`;
  yield await compareTasks(busy, BUSY_TASKS, path);
  yield await compareStarts(folder.path);
}

async function compareTasks(
  title: string,
  contenders: readonly Contender[],
  cwd: string,
): Promise<Report> {
  const times = contenders.map((): { wall: number[]; cpu: number[] } => ({ wall: [], cpu: [] }));
  // The first round fills the caches.
  for (let round = -1; round < ROUNDS; round++) {
    for (const [index, { program: { command, args }, tasks }] of contenders.entries()) {
      const env = { PYTHONPATH: cwd }, all = [here("peers/usage.py"), command, ...args];
      const { stdout } = await runProgram({ command: "python3", args: all, env }, cwd);
      const [wall, cpu] = JSON.parse(stdout);
      await removeJobs(cwd);
      if (round < 0) continue;
      times[index]!.wall.push(wall * 1e6 / tasks);
      times[index]!.cpu.push(cpu * 1e6 / tasks);
    }
  }
  return {
    title,
    rows: contenders.map(({ who, tasks }, index) => ({
      who,
      tasks,
      time: round(median(times[index]!.wall)),
      "CPU time": round(median(times[index]!.cpu)),
    })),
  };
}

const EMPTY: readonly Contender[] = [
  { who: "dl_jobs map", tasks: MANY, program: map("echo", "many.ndjson") },
  { who: `Pool.imap, chunks of ${CHUNK}`, tasks: MANY, program: imap(CHUNK, "many.ndjson") },
  { who: "Pool.imap, one by one", tasks: FEW, program: imap(1, "few.ndjson") },
];

const BUSY_TASKS: readonly Contender[] = [
  { who: "dl_jobs map", tasks: BUSY, program: map("burn", "busy.ndjson") },
  {
    who: "a plain loop",
    tasks: BUSY,
    program: { command: "python3", args: [here("peers/loop.py"), "burn", "busy.ndjson"] },
  },
];

function map(method: string, list: string): Program {
  const args = ["map", `tasks.py#${method}`, list, "-q", "-j2", "-o", "results.ndjson"];
  return denoRun(CLI, ...args);
}

function imap(chunk: number, list: string): Program {
  const args = [here("peers/imap.py"), `${chunk}`, "echo", list, "results.ndjson"];
  return { command: "python3", args };
}

async function compareStarts(cwd: string): Promise<Report> {
  const target = { module: toFileUrl(`${cwd}/tasks.py`), method: "echo" };
  await Deno.writeTextFile(`${cwd}/bundle.py`, (await bundleTask(target)).code);
  const empty: number[] = [], worker: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const args = [here("peers/start.py"), "bundle.py"];
    const { stdout } = await runProgram({ command: "python3", args }, cwd);
    const [one, other] = JSON.parse(stdout);
    empty.push(one);
    worker.push(other);
  }
  const row = (command: string, times: readonly number[]) => ({
    command,
    "median ms": round(median(times)),
    "least ms": round(Math.min(...times)),
  });
  return {
    title: `Start of a worker in Python, of ${STARTS} starts`,
    rows: [row("python3 -c 0", empty), row("a worker, until it is ready", worker)],
  };
}
