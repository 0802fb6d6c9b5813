/**
 * Runs the project's checks and tests: `deno task ok`, `deno task test`, `deno task test:unit`.
 *
 * `deno task ok` runs the quick checks and the unit tests. `deno task test` runs everything that CI
 * runs, two steps at the same time. Arguments are flags for `deno test`, such as
 * `--filter retry`, or the files to test, such as `tests/unit/tasks/retry_test.ts`. With `--install`,
 * the tests install the Debian packages that they need. Prints a line for each step, what a failed
 * step found, and the number of tests by outcome at the end.
 *
 * @module
 */

import { counted } from "../lib/util/text/counted.ts";
import { listFiles } from "./source_files.ts";
import { ROOT } from "./steps/deno.ts";
import { type Command, COMMANDS, planSteps } from "./steps/plan.ts";
import { runSteps } from "./steps/step.ts";

/** The number of steps that run at the same time. */
const LANES = 2;

/** Runs a command and returns its exit status. */
async function main(command: Command, args: readonly string[]): Promise<number> {
  const install = args.includes("--install");
  const { files, flags } = await sortArgs(args.filter((arg) => arg !== "--install"));
  const env: Record<string, string> = install ? { DL_JOBS_TEST_INSTALL: "1" } : {};
  const { passed, failed, skipped, findings, leftOut } = await runSteps(
    await planSteps(command, { files, flags, env }),
    LANES,
  );
  for (const text of findings) console.log(`\n${text}\n`);
  printLeftOut(leftOut);
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  return failed > 0 ? 1 : 0;
}

/** Separates the project's files from flags and their values. */
async function sortArgs(args: readonly string[]) {
  const known = new Set(await listFiles(ROOT));
  const isFile = (arg: string, i: number) => known.has(arg) && args[i - 1] !== "--filter";
  return { files: args.filter(isFile), flags: args.filter((arg, i) => !isFile(arg, i)) };
}

/** Prints each reason for skipping tests, with the number of tests skipped. */
function printLeftOut(reasons: readonly string[]): void {
  for (const [reason, tests] of Map.groupBy(reasons, (reason) => reason)) {
    console.log(`left out: ${counted(tests.length, "test")}, ${reason}`);
  }
}

const [command = "all", ...args] = Deno.args.map((arg) => arg.replace(/^\.\//, ""));
if (!COMMANDS.includes(command)) {
  console.error(`Cannot run "${command}": the commands are ${COMMANDS.join(", ")}`);
  Deno.exit(2);
}
Deno.exit(await main(command as Command, args));
