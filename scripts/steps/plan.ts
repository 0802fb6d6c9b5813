/**
 * The steps of each command: `ok`, `test` and the parts of `test`.
 *
 * @module
 */

import { listFiles } from "../source_files.ts";
import { ROOT, runDeno } from "./deno.ts";
import { filesWithExamples } from "./docs.ts";
import { runTests, type TestOptions } from "./run_tests.ts";
import type { Plan, Step } from "./step.ts";

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

/** Lists the steps of a command. */
export async function planSteps(command: Command, options: PlanOptions): Promise<Plan> {
  if (options.files.length > 0) return await planFiles(options);
  if (command !== "ok" && command !== "all") {
    return { quick: [], slow: [suite(command, { ...options, isLive: true })] };
  }
  const quick = [...await planUnit(options), ...await planChecks()];
  if (command === "ok") return { quick, slow: [] };
  return { quick: [...quick, await planExamples(options)], ...await planSuites(options) };
}

/** The number of steps of the unit tests, which keep all lanes busy to the end. */
const UNIT_PARTS = 4;

/** Plans the unit tests in parts, two of which run at the same time. */
async function planUnit(options: PlanOptions): Promise<Step[]> {
  return partsOf("unit", await testsIn(SUITES.unit), UNIT_PARTS, options);
}

/** The number of steps of the process tests, which keep all lanes busy to the end. */
const PROCESS_PARTS = 12;

/** The test file that needs the clusters of other suites. */
const DOCS = "tests/process/docs_test.ts";

/** Plans the other suites. Two tests never bring up the same cluster at one time. */
async function planSuites(plan: PlanOptions): Promise<Pick<Plan, "slow" | "single">> {
  const options = { ...plan, isShown: true };
  const files = (await testsIn(SUITES.process)).filter((path) => path !== DOCS);
  const clusters = (["slurm", "ssh", "kubernetes", "browser"] as const).map((name) =>
    suite(name, options)
  );
  const isSlow = (step: Step) => ({ ...step, isSlow: true });
  return {
    slow: partsOf("process", files, PROCESS_PARTS, options).map(isSlow),
    single: [...clusters, testStep("tests of docs", [DOCS], options)].map(isSlow),
  };
}

async function testsIn(folder: string): Promise<string[]> {
  const paths = await listFiles(ROOT);
  return paths.filter((path) => path.startsWith(`${folder}/`) && path.endsWith("_test.ts"));
}

function partsOf(
  name: string,
  files: readonly string[],
  parts: number,
  options: TestOptions,
): Step[] {
  return Array.from({ length: parts }, (_, part) => {
    const own = files.filter((_, i) => i % parts === part);
    return testStep(`${name} tests ${part + 1}`, own, options);
  });
}

async function planFiles(options: PlanOptions): Promise<Plan> {
  const tests = options.files.filter((path) => path.startsWith("tests/"));
  const step = testStep("tests", tests, { ...options, isLive: true });
  return { quick: [...await planChecks(), await planExamples(options)], slow: [step] };
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
  return { name, run: () => runTests(paths, { ...options, flags }), isSlow: options.isLive };
}
