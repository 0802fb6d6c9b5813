/**
 * Kills controllers (and workers, with `--workers-too`) at random moments, and checks for lost
 * data.
 *
 * `deno run -A tools/chaos.ts [--python | --program] [--rounds N] [--tasks N] [--seed N]
 * [--workers-too]`
 *
 * Each round starts a job, kills it with SIGKILL, resumes it, kills it again, and resumes it to its
 * end. Then each task must have one final event, each result must occur once, and no line may be
 * torn. After each kill and at the end, all processes of the job must end within 2 seconds. Prints a
 * line for each round. The exit status is 1 when anything is wrong.
 *
 * @module
 */

import { type Kind, PROJECTS } from "./chaos/kinds.ts";
import { type ChaosOptions, play } from "./chaos/play.ts";
import { numbersOf } from "./support/args.ts";

function optionsOf(args: readonly string[]): ChaosOptions {
  const flags = ["--workers-too", ...Object.keys(PROJECTS).map((kind) => `--${kind}`)];
  const numbers = numbersOf(args.filter((arg) => !flags.includes(arg)), {
    rounds: 5,
    tasks: 20_000,
  });
  const kind = (Object.keys(PROJECTS) as Kind[]).find((kind) => args.includes(`--${kind}`));
  return { ...numbers, kind: kind ?? "javascript", workersToo: args.includes("--workers-too") };
}

if (import.meta.main) Deno.exit(await play(optionsOf(Deno.args)) === 0 ? 0 : 1);
