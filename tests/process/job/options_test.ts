/**
 * The options of a job: its list, its engine and where they come from.
 *
 * @module
 */

import { listJobs } from "../../../lib/job_dir/find.ts";
import { Job, type JobOptions, type RunOptions, UsageError } from "../../../mod.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../../support/assert.ts";
import { enterFolder } from "../../support/jobs.ts";
import { countsOf, double, quietJob } from "./quiet_jobs.ts";

Deno.test("Job refuses invalid options before anything runs", async (t) => {
  await using folder = await enterFolder();
  const neither = "Cannot create a job: set one of moduleName, fn and command";
  for (const options of [{}, { fn: double, moduleName: "a" }, { argsList: 1 }]) {
    await t.step(Deno.inspect(options), () => {
      assertEquals(assertThrows(() => new Job(options), UsageError).message, neither);
    });
  }
  const alien: [JobOptions, string][] = [
    [{ fn: double, methodName: "mean" }, "methodName belongs to moduleName, leave it out"],
    [{ fn: double, stdout: "json" }, "stdout belongs to command, leave it out"],
    [{ moduleName: "a", shell: true }, "shell belongs to command, leave it out"],
    [{ command: "a", teardown() {} }, "teardown belongs to fn, export it from the module instead"],
  ];
  for (const [options, expected] of alien) {
    await t.step(expected, () => {
      assertThrows(() => new Job(options), UsageError, `Cannot create a job: ${expected}`);
    });
  }
  const factor = 3;
  const cases: [Record<string, unknown>, string][] = [
    [{ wrokers: 1 }, 'Cannot use option "wrokers" of the job: did you mean workers?'],
    [{ max_attempts: 1 }, 'Cannot use option "max_attempts" of the job: did you mean maxAttempts?'],
    [
      { workers: 0 },
      "Cannot use 0 as workers (option workers of the job): " +
      "write a percentage of the CPUs such as 50%, or a whole number of at least 1, or null",
    ],
    [
      { engine: "slrum" },
      'Cannot use "slrum" as engine (option engine of the job): write one of ',
    ],
    [
      { argsList: "lost.ndjson" },
      `Cannot read lost.ndjson: no such file (relative paths start at ${folder.path})`,
    ],
    [{ argsList: "." }, "Cannot read .: it is a folder, not a file"],
    [
      { fn: (x: number) => x * factor },
      'Cannot send function fn to a worker: it uses "factor" from the scope around it; ' +
      "pass factor in the arguments or define it in the function, or put the function in a " +
      "module and name it",
    ],
    [{ fn: undefined, moduleName: "./lost.ts" }, "Cannot find ./lost.ts: no such file; "],
  ];
  for (const [options, expected] of cases) {
    await t.step(expected, async () => {
      const job = quietJob({ fn: double, argsList: 1, ...options });
      const { message } = await assertRejects(async () => await job.run(), UsageError);
      assertEquals(message.slice(0, expected.length), expected);
      const looped = await assertRejects(() => Array.fromAsync(job.run()), UsageError);
      assertEquals(looped.message, message);
    });
  }
  assertEquals(await listJobs(), []);
});

Deno.test("Job refuses a value that is not a list", async (t) => {
  await using _folder = await enterFolder();
  const cases: [unknown, string][] = [
    [-1, "Cannot read a list of -1 tasks: pass a whole number from 0 to 4294967296"],
    [NaN, "Cannot read a list of NaN tasks: pass a whole number from 0 to 4294967296"],
    [
      { a: 1 },
      "Cannot read tasks from a value of type object: " +
      "pass an array, an iterable, a number, a path or a stream",
    ],
    [
      [1, new Map()],
      "Cannot write element 1 of the list: JSON has no Map, use Object.fromEntries(map)",
    ],
  ];
  for (const [argsList, expected] of cases) {
    await t.step(expected, async () => {
      const job = quietJob({ fn: double, argsList: argsList as number });
      const { message } = await assertRejects(async () => await job.run(), Error);
      assertEquals(message, expected);
    });
  }
});

Deno.test("Job accepts a list in any form", async (t) => {
  await using folder = await enterFolder({ "in.ndjson": "1\n2\n" });
  function* numbers() {
    yield* [1, 2];
  }
  async function* later() {
    yield* numbers();
  }
  const cases: [string, JobOptions["argsList"], number[]][] = [
    ["an array", [1, 2], [2, 4]],
    ["an empty array", [], []],
    ["a number", 3, [0, 2, 4]],
    ["zero", 0, []],
    ["a set", new Set([1, 2]), [2, 4]],
    ["a generator", numbers(), [2, 4]],
    ["an asynchronous generator", later(), [2, 4]],
    ["a path", "in.ndjson", [2, 4]],
    ["a URL", new URL(folder.url("in.ndjson")), [2, 4]],
    ["a stream", new Blob(["1\n2\n"]).stream(), [2, 4]],
  ];
  for (const [name, argsList = null, expected] of cases) {
    await t.step(name, async () => {
      const run = quietJob<number>({ fn: double, argsList, ordered: true }).run();
      assertEquals(await Array.fromAsync(run), expected);
      assertEquals(countsOf(await run), [expected.length, expected.length, 0, 0]);
    });
  }
});

Deno.test("Job without a list makes one call with args and kwargs", async (t) => {
  await using _folder = await enterFolder();
  const all = (...args: unknown[]) => ({ args });
  const cases: [JobOptions, unknown[]][] = [
    [{}, []],
    [{ args: [1, [2]] }, [1, [2]]],
    [{ kwargs: { a: 1 } }, [{ a: 1 }]],
    [{ args: ["x"], kwargs: { a: 1 }, argsList: null }, ["x", { a: 1 }]],
    [{ args: ["x"], gpus: null, modules: null, requirements: null, data: null }, ["x"]],
  ];
  for (const [options, args] of cases) {
    await t.step(Deno.inspect(options), async () => {
      assertEquals(await Array.fromAsync(quietJob({ fn: all, ...options }).run()), [{ args }]);
    });
  }
});

Deno.test("Job prefers options in code to those of a command", async () => {
  await using folder = await enterFolder();
  const job = quietJob({ fn: double, argsList: 1, saveResults: "code", name: "mine" });
  const flags = { save_results: "flag", errors_dir: "e", results_dir: "r" };
  const { paths, name } = await job.run({ flags });
  assertEquals(name, "mine");
  assertEquals(paths.results?.replace(/\d{8}T\d{6}/, "TIME"), "r/code_TIME.ndjson");
  assert(paths.folder.startsWith(`${folder.path}/.dl_jobs/`));
});

Deno.test("Job chooses its engine from its options, the flags and the config file", async (t) => {
  await using folder = await enterFolder();
  const inline = { engine: "inline" as const };
  const forced = { ...inline, isDev: false, platformJob: true };
  const cases: [JobOptions, RunOptions, string, string][] = [
    [{}, {}, "", "local"],
    [{}, { flags: { ...inline, is_dev: false } }, "", "local"],
    [{ platformJob: true }, { flags: inline }, "", "local"],
    [{ platformJob: true }, { flags: { ...inline, is_dev: false } }, "", "inline"],
    [{ platformJob: true, isDev: false }, { flags: inline }, "", "inline"],
    [{ platformJob: true, isDev: true }, { flags: { ...inline, is_dev: false } }, "", "local"],
    [{ platformJob: true }, {}, "engine: inline\nis_dev: false\n", "inline"],
    [
      { platformJob: true },
      { flags: { is_dev: true } },
      "engine: inline\nis_dev: false\n",
      "local",
    ],
    [{ engine: "inline" }, {}, "", "inline"],
    [{ engine: "inline" }, { flags: { is_dev: true } }, "", "local"],
    [{ engine: "inline" }, {}, "is_dev: true\n", "local"],
    [{ engine: "inline", isDev: true }, {}, "", "local"],
    [{}, { overrides: forced }, "", "inline"],
    [{ engine: "local" }, { overrides: forced }, "is_dev: true\n", "inline"],
  ];
  for (const [options, how, config, expected] of cases) {
    await t.step(`${Deno.inspect(options)} ${Deno.inspect(how)} ${config}`, async () => {
      await folder.write("dl_jobs.config.yaml", config);
      const { paths } = await quietJob({ fn: double, argsList: 0, ...options }).run(how);
      const { engine } = JSON.parse(await Deno.readTextFile(`${paths.folder}/job.json`));
      assertEquals(engine, expected);
    });
  }
});
