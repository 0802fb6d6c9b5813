/**
 * The cost of a job on a Slurm cluster of three nodes with two CPUs each, all on this machine.
 *
 * @module
 */

import { fromFileUrl } from "../lib/util/paths.ts";
import { SlurmCluster } from "../tools/slurm_cluster/cluster.ts";
import { whyNoCluster } from "../tools/slurm_cluster/install.ts";
import { makeFolder } from "../tools/support/files.ts";
import { writeList } from "./lines.ts";
import { denoRun, IS_QUICK, removeJobs, roundsOf, runProgram } from "./process.ts";
import { median, type Report, round } from "./report.ts";

const CLI = fromFileUrl(new URL("../cli.ts", import.meta.url).href);
const ROUNDS = roundsOf(5);
const SIZES = [1, 40, 10_000, 1_000_000].filter((tasks) => !IS_QUICK || tasks <= 40);
const TASK = "export const square = (x: number) => x * x;\n";

/** Runs lists of several lengths on an idle cluster, in turn. */
export async function* bench(): AsyncGenerator<Report> {
  const why = whyNoCluster();
  if (why) return yield { title: `Slurm (skipped: ${why})`, rows: [] };
  await using folder = await makeFolder({ "task.ts": TASK });
  const times = SIZES.map((): number[] => []);
  for (const tasks of SIZES) writeList(`${folder.path}/${tasks}.ndjson`, tasks, (index) => index);
  await using cluster = (await SlurmCluster.up({ install: true })).guard();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, tasks] of SIZES.entries()) {
      await cluster.untilIdle();
      times[index]!.push(await timeOnce(tasks, folder.path, cluster));
    }
  }
  const forty = median(times[SIZES.indexOf(40)]!);
  yield {
    title:
      `No-op tasks on an idle Slurm cluster of three nodes with two CPUs each, from a file to ` +
      `a file; median of ${ROUNDS} rounds`,
    rows: SIZES.map((tasks, index) => ({
      tasks,
      "median s": round(median(times[index]!) / 1000),
      "least s": round(Math.min(...times[index]!) / 1000),
      "times 40 tasks": round(median(times[index]!) / forty),
    })),
  };
}

async function timeOnce(tasks: number, cwd: string, { env }: SlurmCluster): Promise<number> {
  const args = [
    "map",
    "task.ts#square",
    `${tasks}.ndjson`,
    "--engine",
    "slurm",
    "-o",
    "out.ndjson",
  ];
  for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
  const { ms } = await runProgram(denoRun(CLI, ...args), cwd);
  const lines = Deno.readTextFileSync(`${cwd}/out.ndjson`).split("\n").length - 1;
  await removeJobs(cwd);
  if (lines === tasks) return ms;
  throw new Error(`Cannot time Slurm: ${lines} results for ${tasks} tasks`);
}
