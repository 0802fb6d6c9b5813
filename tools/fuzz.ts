/**
 * Damages the files of a job in random rounds: `deno run -A tools/fuzz.ts [--part N] [--seed N]`.
 *
 * Without options, plays all rounds: 2,000 for the journal, and 500 for each other file. Prints the
 * seed, which reproduces a finding. The exit status is 1 when a command believed damage.
 *
 * @module
 */

import { exists } from "../lib/util/files/fs.ts";
import { numbersOf } from "./support/args.ts";
import { enterFolder } from "./support/files.ts";
import { play, ROUNDS } from "./fuzz/play.ts";

// Each round syncs files, which takes no time in memory.
const MEMORY = exists("/dev/shm") ? "/dev/shm" : undefined;

/** Plays a part of the rounds in a temporary folder. Returns the number of findings. */
export async function fuzz(part: number, seed: number): Promise<number> {
  await using _folder = await enterFolder({}, MEMORY);
  const wrong = await play({ part, seed });
  for (const text of wrong) console.log(text);
  const rounds = Object.values(ROUNDS).reduce((sum, one) => sum + Math.ceil(one * part), 0);
  console.log(`${rounds} rounds of damage, seed ${seed}: ${wrong.length} things wrong`);
  return wrong.length;
}

if (import.meta.main) {
  const { part, seed } = numbersOf(Deno.args, { part: 1 });
  const wrong = await fuzz(part, seed);
  Deno.exit(wrong === 0 ? 0 : 1);
}
