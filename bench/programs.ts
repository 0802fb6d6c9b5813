/**
 * Programs, one process for each task, compared with `xargs` and GNU parallel.
 *
 * Only dl_jobs keeps a journal and the output of the programs.
 *
 * @module
 */

import { makeFolder } from "../tools/support/files.ts";
import { WORKERS } from "./cases.ts";
import { writeList } from "./lines.ts";
import {
  CLI,
  denoRun,
  IS_QUICK,
  type Program,
  removeJobs,
  roundsOf,
  runProgram,
  whyNot,
} from "./process.ts";
import { median, type Report, round } from "./report.ts";

const ROUNDS = roundsOf(7);
const MANY = IS_QUICK ? 200 : 10_000, FEW = IS_QUICK ? 20 : 1000;

/** A program that starts other programs, and the number of tasks that it starts in a few seconds. */
interface Contender {
  readonly who: string;
  readonly tasks: number;
  readonly program: Program;
  readonly needs?: string;
}

const MAP = [
  "map",
  `${MANY}.txt`,
  "--command",
  "true",
  "-q",
  "-j",
  `${WORKERS}`,
  "-o",
  "out.ndjson",
];

const CONTENDERS: readonly Contender[] = [
  { who: "dl_jobs map --command", tasks: MANY, program: denoRun(CLI, ...MAP) },
  { who: "xargs", tasks: MANY, program: shell(`xargs -P ${WORKERS} -n 1 true < ${MANY}.txt`) },
  {
    who: "GNU parallel",
    tasks: FEW,
    program: shell(`parallel -j ${WORKERS} true < ${FEW}.txt`),
    needs: "parallel",
  },
];

function shell(line: string): Program {
  return { command: "sh", args: ["-c", line], env: { SHELL: "/bin/sh" } };
}

/** Compares the rates at which programs are started. */
export async function* bench(): AsyncGenerator<Report> {
  await using folder = await makeFolder();
  for (const count of [MANY, FEW]) {
    writeList(`${folder.path}/${count}.txt`, count, (index) => index);
  }
  const missing = await Promise.all(CONTENDERS.map(({ needs }) => needs && whyNot(needs, "-V")));
  const times = await timeAll(folder.path, (index) => missing[index] === undefined);
  yield {
    title: `The program "true", ${WORKERS} at a time, median of ${ROUNDS} rounds`,
    rows: CONTENDERS.map(({ who, tasks }, index) =>
      missing[index]
        ? { who: `${who} (skipped: ${missing[index]})`, tasks: "", "tasks/s": "", "of xargs": "" }
        : { who, tasks, ...rates(index, times) }
    ),
  };
}

/** Returns the milliseconds per task of each contender in each round. */
async function timeAll(cwd: string, isThere: (index: number) => boolean): Promise<number[][]> {
  const times = CONTENDERS.map((): number[] => []);
  // The first round fills the caches.
  for (let round = -1; round < ROUNDS; round++) {
    for (const [index, { program, tasks }] of CONTENDERS.entries()) {
      if (!isThere(index)) continue;
      const { ms } = await runProgram(program, cwd);
      await removeJobs(cwd);
      if (round >= 0) times[index]!.push(ms / tasks);
    }
  }
  return times;
}

/** Compares rates within a round, because the load of the machine differs between rounds. */
function rates(index: number, times: readonly number[][]): Report["rows"][number] {
  const own = times[index]!, xargs = times[1]!;
  return {
    "tasks/s": round(1000 / median(own)),
    "of xargs": round(median(own.map((ms, round) => xargs[round]! / ms))),
  };
}
