import { Job, retry, run, type RunOptions } from "../../../../mod.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assertEquals, assertRejects, assertThrows } from "../../../support/assert.ts";
import { enterFolder } from "../../../support/jobs.ts";

const fn = (x: number) => x;

// deno-lint-ignore no-explicit-any -- code that is not type-checked
const any = (value: unknown): any => value;

Deno.test("a job refuses a value of another type for an option of the code", async (t) => {
  await using _folder = await enterFolder();
  const cases: [options: unknown, message: string][] = [
    [{ fn: "x => x" }, '"x => x" as fn (option fn of the job): write a function'],
    [
      { moduleName: new URL("file:///a.ts") },
      "a value of class URL as moduleName (option moduleName of the job): " +
      "write a text: the name, the path or the URL of a module",
    ],
    [
      { moduleName: "a", methodName: 3 },
      "3 as methodName (option methodName of the job): write a text",
    ],
    [
      { command: ["echo", 3] },
      '[ "echo", 3 ] as command (option command of the job): write a text or a list of texts',
    ],
    [{ fn, setup: "load" }, '"load" as setup (option setup of the job): write a function'],
    [{ fn, args: "ab" }, '"ab" as args (option args of the job): write an array'],
    [
      { fn, kwargs: [1] },
      "[ 1 ] as kwargs (option kwargs of the job): write an object such as { key: value }",
    ],
    [{ fn, data: "a.csv" }, '"a.csv" as data (option data of the job): write a list of texts'],
    [
      { fn, platformJob: "yes" },
      '"yes" as platformJob (option platformJob of the job): write true or false',
    ],
  ];
  for (const [options, message] of cases) {
    await t.step(message, async () => {
      const error = await assertRejects(() => new Job(any(options)).run(), UsageError);
      assertEquals(error.message, `Cannot use ${message}`);
    });
  }
  const unset = { fn, setup: null, modules: null, args: undefined, name: 7, argsList: 0 };
  assertEquals((await new Job(any({ ...unset, quiet: true })).run()).name, "7");
  assertEquals(
    assertThrows(() => new Job(any(undefined)), UsageError).message,
    "Cannot use undefined as the options of a job: write an object such as { key: value }",
  );
});

Deno.test("a run refuses a value of another type, and an option that it would ignore", async (t) => {
  await using _folder = await enterFolder();
  const job = new Job({ fn, argsList: 3, quiet: true });
  const signal = "write an AbortSignal, such as the signal of an AbortController";
  const cases: [options: unknown, message: string][] = [
    [null, "null as the options of run(): write an object such as { key: value }"],
    ["a.csv", '"a.csv" as the options of run(): write an object such as { key: value }'],
    [AbortSignal.abort(), "a signal as the options of run(): write { signal }"],
    [{ signal: {} }, `{} as signal (option signal of run()): ${signal}`],
    [
      { stop: new AbortController() },
      "a value of class AbortController as stop (option stop of run()): " + signal,
    ],
    [{ output: 3 }, "3 as output (option output of run()): write a text: the path of a file"],
    [{ isDryRun: "no" }, '"no" as isDryRun (option isDryRun of run()): write true or false'],
    [
      { outputSinks: [3] },
      "[ 3 ] as outputSinks (option outputSinks of run()): " +
      "write an array of objects with the method write",
    ],
    [{ cuts: { limt: 1 } }, 'option "limt" of cuts: did you mean limit?'],
    [{ checks: { invalidd: "skip" } }, 'option "invalidd" of checks: did you mean invalid?'],
    [{ outputOptions: { rawe: true } }, 'option "rawe" of outputOptions: did you mean raw?'],
    [
      { canary: { tasks: 0, confirm: () => true } },
      "0 as tasks (option tasks of canary): write a whole number of at least 1",
    ],
    [{ canary: { tasks: 1 } }, "null as confirm (option confirm of canary): write a function"],
    [{ overrides: { limit: 1 } }, 'option "limit" of overrides: write cuts: { limit }'],
    [
      { overrides: { invalid: "skip" } },
      'option "invalid" of overrides: write checks: { invalid }',
    ],
    [{ overrides: { by: "a" } }, 'option "by" of overrides: write by beside overrides'],
    [
      { overrides: { argsList: 2 } },
      'option "argsList" of overrides: create another job with it, ' +
      "new Job({ ...job.options, argsList })",
    ],
  ];
  for (const [options, message] of cases) {
    await t.step(message, async () => {
      const error = await assertRejects(() => job.run(any(options)), UsageError);
      assertEquals(error.message, `Cannot use ${message}`);
    });
  }
  const overrides: RunOptions["overrides"] = { platformJob: false, workers: 1 };
  assertEquals((await job.run({ overrides, cuts: { limit: 2 } })).succeeded, 2);
  // @ts-expect-error: an override is an option of the config file
  const refused = [{ argsList: 2 } satisfies RunOptions["overrides"]];
  assertEquals(refused.length, 1);
});

Deno.test("retry() and run() refuse values of another type", async (t) => {
  await using _folder = await enterFolder();
  await new Job({ fn, argsList: 1, quiet: true }).run();
  const cases: [name: string, call: () => PromiseLike<unknown>, message: string][] = [
    [
      "the code of retry()",
      () => retry("last", any({ code: "now" })),
      '"now" as code (option code of retry()): write original or current',
    ],
    [
      "a move of retry()",
      () => retry("last", any({ move: "ssh" })),
      '"ssh" as move (option move of retry()): write an object such as { key: value }',
    ],
    [
      "the method of run()",
      () => run(any(() => 1)),
      '[Function (anonymous)] as a run method: pass its name, such as "tiles.all"',
    ],
    [
      "the arguments of run()",
      () => run("a.b", any({ args: 3 })),
      "3 as args (option args of run()): write an array",
    ],
  ];
  for (const [name, call, message] of cases) {
    await t.step(name, async () => {
      const error = await assertRejects(() => call(), UsageError);
      assertEquals(error.message, `Cannot use ${message}`);
    });
  }
});
