/**
 * What a command costs before it does anything: the start against an empty `deno run`.
 *
 * @module
 */

import { fromFileUrl } from "../../lib/locate.ts";
import { median, type Report, round } from "./_report.ts";

const CLI = fromFileUrl(new URL("../../cli.ts", import.meta.url).href);
const ROUNDS = 21;
const TASK = "export const same = (x: unknown) => x;\n";

/** Runs each command so many times, in turns, so that a busy moment hits them all. */
export async function bench(): Promise<Report> {
  await using folder = await makeFolder({ "empty.ts": "", "task.ts": TASK, "one.ndjson": "1\n" });
  const cases: Readonly<Record<string, readonly string[]>> = {
    "empty deno run": ["empty.ts"],
    "--help": [CLI, "--help"],
    "map --help": [CLI, "map", "--help"],
    "config --info": [CLI, "config", "--info"],
    "test 1": [CLI, "test", "1"],
    "map of one line": [CLI, "map", "task.ts#same", "one.ndjson"],
  };
  const times = Object.keys(cases).map((): number[] => []);
  for (let round = -1; round < ROUNDS; round++) {
    for (const [index, args] of Object.values(cases).entries()) {
      const ms = await timeRun(args, folder.path);
      // The first time fills the caches.
      if (round >= 0) times[index]!.push(ms);
    }
  }
  const empty = median(times[0]!);
  return {
    title: `Start of a command, median of ${ROUNDS} runs`,
    rows: Object.keys(cases).map((command, index) => ({
      command,
      "median ms": round(median(times[index]!)),
      "least ms": round(Math.min(...times[index]!)),
      "times an empty run": round(median(times[index]!) / empty),
    })),
  };
}

async function timeRun(args: readonly string[], cwd: string): Promise<number> {
  const start = performance.now();
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...args],
    cwd,
    stdin: "null",
  }).output();
  const ms = performance.now() - start;
  if (!success) {
    throw new Error(`Cannot time ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  }
  return ms;
}

async function makeFolder(
  files: Readonly<Record<string, string>>,
): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "dl_jobs_bench_" });
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${path}/${name}`, text);
  }
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
