/**
 * The steps of each command: `ok`, `test` and the parts of `test`.
 *
 * @module
 */

import { listFiles } from "../import_graph.ts";
import { ROOT, runDeno } from "./deno.ts";
import { filesWithExamples } from "./docs.ts";
import { runTests, type TestOptions } from "./run_tests.ts";
import type { Step } from "./step.ts";

/** The parts of the tests, each with its folder. */
const SUITES = {
  unit: "tests/unit",
  process: "tests/process",
  slurm: "tests/cluster",
  ssh: "tests/ssh",
  kubernetes: "tests/kubernetes",
  browser: "tests/browser",
} as const;

/** A command of this script: quick checks, everything, or one part of the tests. */
export type Command = "ok" | "all" | keyof typeof SUITES;

/** The commands, by their names. */
export const COMMANDS: readonly string[] = ["ok", "all", ...Object.keys(SUITES)];

/** Arguments of a command. */
export interface PlanOptions {
  /** The project's files to test. An empty list selects all test files. */
  readonly files: readonly string[];
  /** Flags for every `deno test`. */
  readonly flags: readonly string[];
  /** Variables for the tests. */
  readonly env: Readonly<Record<string, string>>;
}

/** Lists the steps of a command. The steps that take long and print nothing come first. */
export async function planSteps(command: Command, options: PlanOptions): Promise<Step[]> {
  if (options.files.length > 0) return await planFiles(options);
  if (command !== "ok" && command !== "all") return [suite(command, { ...options, isLive: true })];
  const quick = [...await planUnit(options), ...await planChecks()];
  if (command === "ok") return quick;
  const live = (["process", "slurm", "ssh", "kubernetes", "browser"] as const).map((name) =>
    suite(name, { ...options, isLive: true })
  );
  return [...quick, await planExamples(options), ...live];
}

/** The number of steps of the unit tests, which keep all lanes busy to the end. */
const UNIT_PARTS = 4;

/** Plans the unit tests in parts, two of which run at the same time. */
async function planUnit(options: PlanOptions): Promise<Step[]> {
  const paths = (await listFiles(ROOT)).filter((path) => /^tests\/unit\/.*_test\.ts$/.test(path));
  return Array.from({ length: UNIT_PARTS }, (_, part) => {
    const files = paths.filter((_, i) => i % UNIT_PARTS === part);
    return testStep(`unit tests ${part + 1}`, files, options);
  });
}

async function planFiles(options: PlanOptions): Promise<Step[]> {
  const tests = options.files.filter((path) => path.startsWith("tests/"));
  const step = testStep("tests", tests, { ...options, isLive: true });
  return [...await planChecks(), await planExamples(options), step];
}

async function planChecks(): Promise<Step[]> {
  return [
    check("fmt", "fmt", "--check"),
    check("lint", "lint"),
    check("layers", "run", "-A", "scripts/check_layers.ts"),
    check("names", "run", "-A", "scripts/check_names.ts"),
    check("voice", "run", "-A", "scripts/check_voice.ts"),
    check("doc lint", "doc", "--lint", "mod.ts"),
    check("types", "check", ...await listFiles(ROOT)),
  ];
}

/** Plans the examples in doc comments. They take too long for the check before a commit. */
async function planExamples({ files, flags, env }: PlanOptions): Promise<Step> {
  const paths = (await filesWithExamples(await listFiles(ROOT)))
    .filter((path) => files.length === 0 || files.includes(path));
  return {
    name: "doc examples",
    run: () => runTests(paths, { flags: ["--doc", ...flags], env }),
  };
}

function check(name: string, ...args: readonly string[]): Step {
  return { name, run: () => runDeno(...args) };
}

function suite(name: keyof typeof SUITES, options: TestOptions): Step {
  return testStep(`${name} tests`, [SUITES[name]], options);
}

function testStep(name: string, paths: readonly string[], options: TestOptions): Step {
  // The step "types" checks these files. The user code in testdata is not part of the tests.
  const flags = ["--no-check", "--ignore=tests/testdata", ...options.flags ?? []];
  return { name, run: () => runTests(paths, { ...options, flags }), isAlone: options.isLive };
}
