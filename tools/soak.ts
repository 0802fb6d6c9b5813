/**
 * Long random rounds: `deno task soak [--seed N]`.
 *
 * Plays 200 rounds in which controllers are killed, 60 in which workers are killed, too, 300 in
 * which children of tasks read stdin and write forged responses, and 5,500 in which a file of a job
 * is damaged. Then cuts the power of a disk 50 times, where this process is root and has loop
 * devices. The tests play a tenth of the rounds with a fixed seed. Prints the seed, which reproduces
 * a failure with `--seed`. The exit status is 1 when anything is wrong.
 *
 * @module
 */

import { play } from "./chaos/play.ts";
import { fuzz } from "./fuzz.ts";
import { playHostile } from "./hostile/play.ts";
import { PowerCutDisk } from "./power_cut/disk.ts";
import { play as cutPower } from "./power_cut/play.ts";
import { numbersOf } from "./support/args.ts";

/** The rounds of a soak, by kind. */
export const SOAK = [{ rounds: 200, workersToo: false }, { rounds: 60, workersToo: true }] as const;

/** The number of power cuts. */
export const POWER_CUTS = 50;

/** The rounds with hostile children, and the number of tasks of each. */
export const HOSTILE = { rounds: 300, tasks: 200 } as const;

/** The number of tasks of each round of kills. */
export const TASKS = 5000;

async function main(args: readonly string[]): Promise<number> {
  const { seed } = numbersOf(args, {});
  let wrong = 0;
  for (const part of SOAK) wrong += await play({ ...part, tasks: TASKS, seed });
  wrong += await playHostile({ ...HOSTILE, seed });
  wrong += await fuzz(1, seed);
  const whyNot = await PowerCutDisk.whyNot();
  if (whyNot === undefined) wrong += await cutPower({ rounds: POWER_CUTS, tasks: TASKS, seed });
  else console.log(`left out: ${POWER_CUTS} power cuts, ${whyNot}`);
  return wrong === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
