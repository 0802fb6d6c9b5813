import { Job, job, local, resume, retry, run, submit } from "../../../../mod.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assertEquals, assertRejects, assertThrows } from "../../../support/assert.ts";
import { enterFolder } from "../../../support/jobs.ts";

Deno.test("no function of the library ignores an option that it does not have", async (t) => {
  await using _folder = await enterFolder();
  const same = new Job({ fn: (x: number) => x, argsList: 1, noisy: false });
  await same.run();
  // deno-lint-ignore no-explicit-any -- code that is not type-checked
  const any = (options: object): any => options;
  const last = "last";
  const cases: [name: string, call: () => PromiseLike<unknown>, message: string][] = [
    [
      "an option of the job in a run",
      () => same.run(any({ workers: 2 })),
      '"workers" of run(): set it in the job, or write overrides: { workers }',
    ],
    [
      "a list in a run",
      () => same.run(any({ argsList: 2 })),
      '"argsList" of run(): set it in the job',
    ],
    [
      "a misspelt name",
      () => same.run(any({ ouput: "x" })),
      '"ouput" of run(): did you mean output?',
    ],
    [
      "an option of the run in a job",
      () => new Job(any({ fn: (x: number) => x, argsList: 1, output: "x.csv" })).run(),
      '"output" of the job: it belongs to the run, write job.run({ output })',
    ],
    [
      "an engine for the rest",
      () => resume(last, any({ engine: "slurm" })),
      '"engine" of resume(): it changes the rest of the job, write move: { engine }',
    ],
    ["an unknown name", () => retry(last, any({ cod: 1 })), '"cod" of retry(): did you mean code?'],
    [
      "a misspelt name in a move",
      () => retry(last, { move: any({ wokers: 1 }) }),
      '"wokers" of a move: did you mean workers?',
    ],
    [
      "an argument of a run method",
      () => run("tiles.all", any({ year: 2020 })),
      '"year" of run(): write kwargs: { year } for an argument of the method',
    ],
    [
      "an option of the jobs of a run method",
      () => run("tiles.all", any({ workers: 2 })),
      '"workers" of run(): write flags: { workers }',
    ],
  ];
  for (const [name, call, message] of cases) {
    await t.step(name, async () => {
      const error = await assertRejects(async () => await call(), UsageError);
      assertEquals(error.message, `Cannot use option ${message}`);
    });
  }
  await t.step("an option without a value is left out", async () => {
    assertEquals((await same.run(any({ output: undefined, other: undefined }))).succeeded, 1);
  });
});

Deno.test("job() refuses a list in the place of its options", async (t) => {
  async function* numbers() {
    yield 1;
  }
  for (const list of [[1, 2], 100, "list.ndjson", numbers()]) {
    await t.step(`${typeof list} ${JSON.stringify(list)}`, () => {
      const error = assertThrows(() => job((x: number) => x, list as object), UsageError);
      assertEquals(
        error.message,
        "Cannot create a job: write the list as job(fn, { argsList })",
      );
    });
  }
});

Deno.test("local() and submit() refuse options, which belong to the job", async () => {
  const one = job((x: number) => x, { argsList: 1 });
  const calls: Readonly<Record<string, unknown>> = { local, submit };
  for (const [name, call] of Object.entries(calls)) {
    const error = await assertRejects(
      async () => await (call as (...args: unknown[]) => unknown)(one, { workers: 2 }),
      UsageError,
    );
    assertEquals(
      error.message,
      `Cannot call ${name}: it has no options, set them in the job, write ` +
        `${name}(job(fn, { argsList, workers: 4 }))`,
    );
  }
});

Deno.test("local() and submit() refuse a list, which belongs to the job", async () => {
  const one = job((x: number) => x, { argsList: 1 });
  const calls: Readonly<Record<string, unknown>> = { local, submit };
  for (const [name, call] of Object.entries(calls)) {
    for (const list of [[1, 2], "list.ndjson"]) {
      const error = await assertRejects(
        async () => await (call as (...args: unknown[]) => unknown)(one, list),
        UsageError,
      );
      assertEquals(
        error.message,
        `Cannot call ${name}: it takes only a job, the list belongs to the job, write ` +
          `${name}(job(fn, { argsList }))`,
      );
    }
  }
});

Deno.test("local() accepts the index of a job in a list", async () => {
  await using _folder = await enterFolder();
  const all = [1, 2].map((argsList) => job((x: number) => x, { argsList, quiet: true }));
  const summaries = await Promise.all(all.map(local));
  assertEquals(summaries.map(({ succeeded }) => succeeded), [1, 2]);
});
