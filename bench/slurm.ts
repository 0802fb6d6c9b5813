/**
 * The cost of a job on a Slurm cluster of three nodes with two CPUs each, all on this machine.
 *
 * @module
 */

import { SlurmCluster } from "../tools/slurm_cluster/cluster.ts";
import { whyNoCluster } from "../tools/slurm_cluster/install.ts";
import { makeFolder } from "../tools/support/files.ts";
import { writeList } from "./lines.ts";
import { IS_QUICK, roundsOf, timeMap } from "./process.ts";
import { median, type Report, round } from "./report.ts";

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
  for (const [name, value] of Object.entries(cluster.env)) Deno.env.set(name, value);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, tasks] of SIZES.entries()) {
      await cluster.untilIdle();
      times[index]!.push(await timeMap(tasks, ["--engine", "slurm"], folder.path));
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
