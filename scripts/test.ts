/**
 * Everything that CI checks, in one command: `deno task test`, `deno task test --filter retry`,
 * `deno task test tests/retry_test.ts`.
 *
 * Arguments go on to `deno test`; files among them are tested in place of all. Prints a line a
 * step, the whole output of a step that fails, and at the end how many tests passed and failed,
 * where a failed step that is no test run counts as one.
 *
 * @module
 */

import { dirname } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { listFiles, readGraph } from "./import_graph.ts";

const ROOT = Deno.realPathSync(dirname(import.meta.dirname!));

/** What one step has to tell. */
interface Outcome {
  /** Whether there was nothing to complain about. */
  readonly ok: boolean;
  /** What to show when it failed, unless it was shown as it came. */
  readonly output?: string;
  /** How many tests it ran, if it ran tests. */
  readonly counts?: Counts;
}

/** How many tests ended how. */
interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

type Step = () => Promise<Outcome>;

/** Runs the steps one after the other, whatever they find, and gives the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const [name, step] of Object.entries(listSteps(args, await listFiles(ROOT)))) {
    const { passed, failed, skipped } = await report(name, step);
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  return total.failed > 0 ? 1 : 0;
}

function listSteps(args: readonly string[], files: readonly string[]): Record<string, Step> {
  const isFile = (arg: string, i: number) => files.includes(arg) && args[i - 1] !== "--filter";
  const asked = args.filter(isFile);
  const flags = args.filter((arg, i) => !isFile(arg, i));
  const documented = asked.length > 0 ? asked : files;
  const tests = asked.length > 0 ? asked.filter((path) => path.startsWith("tests/")) : ["tests/"];
  return {
    fmt: () => run("fmt", "--check"),
    lint: () => run("lint"),
    types: () => run("check", ...files),
    layers: () => run("run", "-A", "scripts/check_layers.ts"),
    "doc lint": lintDocs,
    "doc examples": async () => runTests(["--doc"], await withExamples(documented), flags),
    // The types step has checked these files; the user code in testdata is not ours to test.
    tests: () => runTests(["--no-check", "--ignore=tests/testdata"], tests, flags),
  };
}

/** Runs one step and prints its line. */
async function report(name: string, step: Step): Promise<Counts> {
  const start = performance.now();
  const { ok, output, counts = { passed: 0, failed: 0, skipped: 0 } } = await step();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${name} ${ok ? "ok" : "failed"} ${seconds} s`);
  if (!ok && output) console.log(output.trim());
  // A run that fails with no failed test (a type error, a crash) must not count as passed.
  return ok ? counts : { ...counts, failed: Math.max(counts.failed, 1) };
}

/** Prepares a command of the very Deno that runs this file, which need not be on the `PATH`. */
function deno(args: readonly string[], options: Deno.CommandOptions): Deno.Command {
  const path = `${dirname(Deno.execPath())}:${Deno.env.get("PATH") ?? ""}`;
  return new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { PATH: path, DENO_NO_PROMPT: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
    ...options,
  });
}

async function run(...args: readonly string[]): Promise<Outcome> {
  const { success, stdout, stderr } = await deno(args, {}).output();
  const decoder = new TextDecoder();
  return { ok: success, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Runs tests, shows their output as it comes, and reads the counts from its last line. */
async function runTests(
  how: readonly string[],
  paths: readonly string[],
  flags: readonly string[],
): Promise<Outcome> {
  if (paths.length === 0) return { ok: true };
  const child = deno(["test", "-A", ...how, ...paths, ...flags], { stdout: "piped" }).spawn();
  const [shown, kept] = child.stdout.tee();
  const [output] = await Promise.all([
    new Response(kept).text(),
    shown.pipeTo(Deno.stdout.writable, { preventClose: true }),
  ]);
  const { success } = await child.status;
  const counts = readCounts(output, success ? "ok" : "FAILED");
  return counts ? { ok: success, counts } : { ok: false };
}

// Not from --junit-path: that counts steps as tests and leaves out a file that fails to load.
function readCounts(output: string, verdict: string): Counts | undefined {
  const line = stripVTControlCharacters(output).split("\n")
    .findLast((line) => line.startsWith(`${verdict} | `));
  if (line === undefined) return undefined;
  const count = (word: string) => Number(line.match(new RegExp(`\\| (\\d+) ${word}`))?.[1] ?? 0);
  return { passed: count("passed"), failed: count("failed"), skipped: count("ignored") };
}

/** Picks the files that a user's import reaches and that show an example in a comment. */
async function withExamples(files: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of files.filter((path) => /^(mod\.ts|cli\.ts|lib\/|repl\/)/.test(path))) {
    if (/^\s*\* ```/m.test(await Deno.readTextFile(`${ROOT}/${path}`))) found.push(path);
  }
  return found;
}

/** Lints the docs of `mod.ts` and of every file that it re-exports values of. */
async function lintDocs(): Promise<Outcome> {
  const graph = await readGraph(ROOT);
  const door = graph.find(({ path }) => path === "mod.ts");
  const behind = door?.imports.filter(({ kind }) => kind !== "type") ?? [];
  const ours = ["mod.ts", ...new Set(behind.flatMap(({ target }) => target ?? []))];
  // All files are read, as a type of one may be named in another.
  const all = graph.map(({ path }) => path).filter((path) =>
    /^(mod|lib\/.*|repl\/.*)\.ts$/.test(path)
  );
  const { ok, output = "" } = await run("doc", "--lint", ...all);
  if (ok) return { ok };
  const complaints = stripVTControlCharacters(output).split(/^(?=error)/m)
    .filter((text) => text.startsWith("error["));
  const kept = complaints.filter((text) => {
    const file = text.match(/^ *--> (.*):\d+:\d+$/m)?.[1];
    return file === undefined || ours.some((path) => file === `${ROOT}/${path}`);
  });
  if (complaints.length === 0) return { ok, output };
  return { ok: kept.length === 0, output: kept.join("") };
}

Deno.exit(await main(Deno.args.map((arg) => arg.replace(/^\.\//, ""))));
