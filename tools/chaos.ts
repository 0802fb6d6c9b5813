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
import { numbersOf } from "./support/args.ts";

function optionsOf(args: readonly string[]): ChaosOptions {
  const others = args.filter((flag) => flag !== "--workers-too");
  const numbers = numbersOf(others, { rounds: 5, tasks: 20_000 });
  return { ...numbers, workersToo: others.length < args.length };
}

if (import.meta.main) Deno.exit(await play(optionsOf(Deno.args)) === 0 ? 0 : 1);
