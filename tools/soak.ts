/**
 * Long random rounds: `deno task soak [--seed N]`.
 *
 * Plays 200 rounds in which controllers are killed, and 60 for each kind of function in which workers
 * are killed, too. Then 300 for JavaScript and for Python in which children of tasks read stdin and
 * write forged responses, and 6,000 in which a file of a job is damaged. Then cuts the power of a
 * disk 50 times, where this process is root and has loop devices. The tests play a tenth of
 * these rounds with a fixed seed. Last, plays 20 rounds in which three ssh hosts fail, where this
 * process may make them. Prints the seed, which reproduces a failure with `--seed`. The exit
 * status is 1 when anything is wrong.
 *
 * @module
 */

import { type ChaosOptions, play } from "./chaos/play.ts";
import { playSsh } from "./chaos/ssh_play.ts";
import { fuzz } from "./fuzz.ts";
import { playHostile } from "./hostile/play.ts";
import { PowerCutDisk } from "./power_cut/disk.ts";
import { play as cutPower } from "./power_cut/play.ts";
import { whyNoHosts } from "./ssh_hosts/install.ts";
import { numbersOf } from "./support/args.ts";

/** The rounds of kills. */
export const SOAK: readonly Omit<ChaosOptions, "seed">[] = [
  { kind: "javascript", rounds: 200, tasks: 5000, workersToo: false },
  { kind: "javascript", rounds: 60, tasks: 5000, workersToo: true },
  { kind: "python", rounds: 60, tasks: 5000, workersToo: true },
  { kind: "program", rounds: 60, tasks: 500, workersToo: true },
];

/** The number of power cuts. */
export const POWER_CUTS = 50;

/** The rounds with hostile children, and the number of tasks of each. */
export const HOSTILE = [
  { module: "task.ts", rounds: 300, tasks: 200 },
  { module: "task.py", rounds: 300, tasks: 200 },
] as const;

/** The rounds with ssh hosts. */
const SSH = { rounds: 20, tasks: 20_000 };

/** The number of tasks whose disk loses its power. */
const TASKS = 5000;

async function main(args: readonly string[]): Promise<number> {
  const { seed } = numbersOf(args, {});
  let wrong = 0;
  for (const part of SOAK) wrong += await play({ ...part, seed });
  for (const part of HOSTILE) wrong += await playHostile({ ...part, seed });
  wrong += await fuzz(1, seed);
  const whyNot = await PowerCutDisk.whyNot();
  if (whyNot === undefined) wrong += await cutPower({ rounds: POWER_CUTS, tasks: TASKS, seed });
  else console.log(`left out: ${POWER_CUTS} power cuts, ${whyNot}`);
  const whyNone = whyNoHosts();
  if (whyNone === undefined) wrong += await playSsh({ ...SSH, seed });
  else console.log(`left out: ${SSH.rounds} rounds of ssh hosts, ${whyNone}`);
  return wrong === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
