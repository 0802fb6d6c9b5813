/**
 * Damages the files of a job in random rounds: `deno run -A tools/fuzz.ts [--part N] [--seed N]`.
 *
 * Without options, plays all rounds: 2,000 for the journal, and 500 for each other file. Prints the
 * seed, which reproduces a finding. The exit status is 1 when a command believed damage.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { loadEsbuild } from "../lib/deps.ts";
import { exists } from "../lib/util/fs.ts";
import { play, ROUNDS } from "./fuzz/play.ts";

// Each round syncs files, which takes no time in memory.
const MEMORY = exists("/dev/shm") ? { dir: "/dev/shm" } : {};

/** Plays a part of the rounds in a temporary folder. Returns the number of findings. */
export async function fuzz(part: number, seed: number): Promise<number> {
  // esbuild starts its service in the current folder, which must remain.
  await loadEsbuild();
  const before = Deno.cwd(),
    folder = await Deno.makeTempDir({ ...MEMORY, prefix: "dl_jobs_fuzz_" });
  Deno.chdir(folder);
  try {
    const wrong = await play({ part, seed });
    for (const text of wrong) console.log(text);
    const rounds = Object.values(ROUNDS).reduce((sum, one) => sum + Math.ceil(one * part), 0);
    console.log(`${rounds} rounds of damage, seed ${seed}: ${wrong.length} things wrong`);
    return wrong.length;
  } finally {
    Deno.chdir(before);
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const { part, seed } = parseArgs({
    options: { part: { type: "string" }, seed: { type: "string" } },
  }).values;
  const wrong = await fuzz(Number(part ?? 1), Number(seed ?? Date.now() % 2 ** 31));
  Deno.exit(wrong === 0 ? 0 : 1);
}
