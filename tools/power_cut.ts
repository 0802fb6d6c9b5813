/**
 * Cuts the power of a disk while a job runs on it, and checks what the disk has kept.
 *
 * `deno run -A tools/power_cut.ts [--rounds N] [--tasks N] [--seed N]`, as root on Linux
 *
 * In each round, a job runs on an ext4 file system in a file, which is shut down at a random moment.
 * After a new mount, a job that is said to have succeeded must have all results, and a resumed job
 * must complete them. Prints a line for each round. The exit status is 1 when anything is wrong.
 *
 * @module
 */

import { PowerCutDisk } from "./power_cut/disk.ts";
import { play } from "./power_cut/play.ts";
import { numbersOf } from "./support/args.ts";

async function main(args: readonly string[]): Promise<number> {
  const whyNot = await PowerCutDisk.whyNot();
  if (whyNot !== undefined) {
    console.error(`Cannot cut the power: ${whyNot}`);
    return 2;
  }
  const wrong = await play(numbersOf(args, { rounds: 5, tasks: 5000 }));
  return wrong === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
