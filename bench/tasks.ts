/**
 * The cost of a task: dl_jobs compared with a plain loop and with peers.
 *
 * All contenders are whole processes that read the list from a file and write the results to a
 * file, so the start of each is included. `BENCH_ONLY="no-op"` runs one case. `BENCH_QUICK=1` or
 * `--quick` runs a few tasks of each case.
 *
 * @module
 */

import { countLines } from "../lib/util/files/fs.ts";
import { type Folder, makeFolder } from "../tools/support/files.ts";
import { type Case, CASES, idealMs, WORKERS } from "./cases.ts";
import { type Contender, CONTENDERS, FLOOR, preparePeers } from "./contenders.ts";
import { writeList } from "./lines.ts";
import { IS_QUICK, removeJobs, roundsOf, runProgram, settleDisk } from "./process.ts";
import { median, type Report, round } from "./report.ts";

type Row = Report["rows"][number];

/** Runs every case with each contender in turn, so that a busy moment affects all of them. */
export async function* bench(): AsyncGenerator<Report> {
  await using folder = await makeFolder();
  await preparePeers(folder.path);
  const only = Deno.env.get("BENCH_ONLY");
  for (const one of CASES.map(scaled).filter(({ name }) => !only || name === only)) {
    const title =
      `${one.name}: tasks with ${WORKERS} workers, from a file to a file, each a whole ` +
      `process with its start; median of ${one.rounds} rounds`;
    yield { title, rows: await runCase(one, folder) };
  }
}

function scaled(one: Case): Case {
  return { ...one, tasks: IS_QUICK ? one.tasks / 100 : one.tasks, rounds: roundsOf(one.rounds) };
}

/** The times of one contender by round, and its number of tasks. */
interface Entry {
  readonly contender: Contender;
  readonly tasks: number;
  readonly missing: string | undefined;
  readonly times: number[];
}

async function runCase(of: Case, folder: Folder): Promise<Row[]> {
  const entries = await Promise.all(
    CONTENDERS.filter((contender) => contender.tasks(of) > 0).map((one) => enter(one, of, folder)),
  );
  for (const tasks of new Set(entries.map((entry) => entry.tasks))) {
    writeList(listPath(folder.path, tasks), tasks, of.args);
  }
  // The first round fills the caches.
  for (let round = -1; round < of.rounds; round++) {
    for (const { contender, tasks, missing, times } of entries) {
      if (missing) continue;
      const ms = await timeOnce(contender, of, tasks, folder);
      if (round >= 0) times.push(ms);
    }
  }
  const floor = entries.find(({ contender }) => contender.who === FLOOR);
  return entries.map((entry) => toRow(of, entry, floor));
}

async function enter(contender: Contender, of: Case, { path }: Folder): Promise<Entry> {
  const tasks = Math.min(of.tasks, contender.tasks(of));
  return { contender, tasks, missing: await contender.whyNot?.(path), times: [] };
}

async function timeOnce(
  { who, program }: Contender,
  of: Case,
  tasks: number,
  { path }: Folder,
): Promise<number> {
  const output = `${path}/output.ndjson`;
  await settleDisk();
  const { ms } = await runProgram(program({ of, input: listPath(path, tasks), output }), path);
  const lines = countLines(output);
  await removeJobs(path);
  if (lines === tasks) return ms;
  throw new Error(`Cannot time ${who}: it gave ${lines} results for ${tasks} tasks`);
}

function toRow(of: Case, { contender, tasks, missing, times }: Entry, floor?: Entry): Row {
  if (missing) return newRow(`${contender.who} (skipped: ${missing})`);
  const ms = median(times);
  // Times are compared within a round, because the load of the machine differs between rounds.
  const perTask = (entry: Entry, round: number) => entry.times[round]! / entry.tasks;
  const toFloor = floor && !of.isTimed
    ? median(times.map((time, round) => time / tasks / perTask(floor, round)))
    : 0;
  return newRow(contender.who, {
    tasks,
    "median s": round(ms / 1000),
    "tasks/s": round(tasks / ms * 1000),
    "us/task": round(ms * 1000 / tasks),
    "times the floor": toFloor > 0 ? round(toFloor) : "",
    "% of ideal": of.isTimed ? round(100 * idealMs(of, tasks) / ms) : "",
  });
}

function newRow(who: string, figures: Row = {}): Row {
  const none = {
    tasks: "",
    "median s": "",
    "tasks/s": "",
    "us/task": "",
    "times the floor": "",
    "% of ideal": "",
  };
  return { who, ...none, ...figures };
}

function listPath(folder: string, tasks: number): string {
  return `${folder}/${tasks}.ndjson`;
}
