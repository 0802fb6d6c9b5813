/**
 * Kills controllers (and workers, with `--workers-too`) at random moments, and checks for lost
 * data.
 *
 * `deno run -A tools/chaos.ts [--rounds N] [--tasks N] [--seed N] [--workers-too]`
 *
 * Each round starts a job, kills it with SIGKILL, resumes it, kills it again, and resumes it to its
 * end. Then each task must have one final event, each result must occur once, and no line may be
 * torn. Prints a line for each round. The exit status is 1 when anything is wrong.
 *
 * @module
 */

import { type ChaosOptions, play } from "./chaos/play.ts";

function optionsOf(args: readonly string[]): ChaosOptions {
  const number = (name: string, otherwise: number) => {
    const at = args.indexOf(name);
    return at < 0 ? otherwise : Number(args[at + 1]);
  };
  return {
    rounds: number("--rounds", 5),
    tasks: number("--tasks", 20_000),
    seed: number("--seed", Date.now() % 2 ** 31),
    workersToo: args.includes("--workers-too"),
  };
}

if (import.meta.main) Deno.exit(await play(optionsOf(Deno.args)) === 0 ? 0 : 1);
