/**
 * The startup time of commands, compared with an empty `deno run`.
 *
 * @module
 */

import { makeFolder } from "../tools/support/files.ts";
import { CLI, denoRun, roundsOf, runProgram } from "./process.ts";
import { median, type Report, round } from "./report.ts";

const ROUNDS = roundsOf(21);
const TASK = "export const same = (x: unknown) => x;\n";

/** A command, and a text that its output must contain. */
interface Case {
  readonly command: string;
  readonly args: readonly string[];
  readonly prints: RegExp;
}

const CASES: readonly Case[] = [
  { command: "empty deno run", args: ["empty.ts"], prints: /^$/ },
  { command: "--help", args: [CLI, "--help"], prints: /Usage/i },
  { command: "map --help", args: [CLI, "map", "--help"], prints: /Usage/i },
  { command: "config --info", args: [CLI, "config", "--info"], prints: /workers/ },
  { command: "jobs", args: [CLI, "jobs"], prints: /^(id |$)/ },
  { command: "completions", args: [CLI, "completions", "words", "--", "map", ""], prints: /same/ },
  { command: "test 1", args: [CLI, "test", "1"], prints: /^\{"args":\[\]/ },
  { command: "map of one line", args: [CLI, "map", "task.ts#same", "one.ndjson"], prints: /^1\n$/ },
];

/** Runs each command in turn, several times, so that a busy moment affects all of them. */
export async function* bench(): AsyncGenerator<Report> {
  await using folder = await makeFolder({ "empty.ts": "", "task.ts": TASK, "one.ndjson": "1\n" });
  const times = CASES.map((): number[] => []);
  // The first round fills the caches.
  for (let round = -1; round < ROUNDS; round++) {
    for (const [index, one] of CASES.entries()) {
      const ms = await timeRun(one, folder.path);
      if (round >= 0) times[index]!.push(ms);
    }
  }
  const empty = median(times[0]!), least = Math.min(...times[0]!);
  yield {
    title: `Start of a command, median of ${ROUNDS} rounds`,
    rows: CASES.map(({ command }, index) => ({
      command,
      "median ms": round(median(times[index]!)),
      "least ms": round(Math.min(...times[index]!)),
      "times an empty run": round(median(times[index]!) / empty),
      // On a busy machine, the shortest times say more.
      "least, times": round(Math.min(...times[index]!) / least),
    })),
  };
}

async function timeRun({ command, args, prints }: Case, cwd: string): Promise<number> {
  const { ms, stdout } = await runProgram(denoRun(...args), cwd);
  if (prints.test(stdout)) return ms;
  throw new Error(`Cannot time ${command}: it printed ${JSON.stringify(stdout)}`);
}
