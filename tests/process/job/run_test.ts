/**
 * The run of a job: its results, counts and attempts.
 *
 * @module
 */

import { DLJob, Job, jobs, results, run, type Summary } from "../../../mod.ts";
import { until, within } from "../../../tools/support/until.ts";
import { assert, assertEquals, assertNotEquals, assertRejects } from "../../support/assert.ts";
import { enterFolder, readEvents } from "../../support/jobs.ts";
import { countsOf, double, quietJob } from "./quiet_jobs.ts";

/** Returns for the first task, and never for any other. */
const waits = (x: number) => x === 0 ? x : new Promise<number>(() => setInterval(() => {}, 1000));

async function readLines(path: string | undefined): Promise<string[]> {
  return path === undefined ? [] : (await Deno.readTextFile(path)).trimEnd().split("\n");
}

Deno.test("Job.run() yields the results as they are ready, and returns the counts at the end", async () => {
  await using _folder = await enterFolder();
  const run = quietJob<number>({ fn: double, argsList: [1, 2, 3], ordered: true }).run();
  const [first, second, summary] = await Promise.all([
    Array.fromAsync(run),
    Array.fromAsync(run),
    run,
  ]);
  assertEquals([first, second], [[2, 4, 6], [2, 4, 6]]);
  assertEquals(countsOf(summary), [3, 3, 0, 0]);
  assertEquals(await readLines(summary.paths.results), ["2", "4", "6"]);
  assertEquals([DLJob, Job.isJob(new Job({ fn: double })), Job.isJob({})], [Job, true, false]);
});

Deno.test("Job.run() yields all results to a loop that starts late", async (t) => {
  await using _folder = await enterFolder();
  for (const ordered of [true, false]) {
    await t.step(`ordered: ${ordered}`, async () => {
      const run = quietJob<number>({ fn: double, argsList: 3000, workers: 2, ordered }).run();
      await run;
      const results = await Array.fromAsync(run);
      const expected = Array.from({ length: 3000 }, (_, i) => i * 2);
      assertEquals(ordered ? results : results.sort((a, b) => a - b), expected);
    });
  }
});

Deno.test("Job.run() continues when its loop is left", async () => {
  await using _folder = await enterFolder();
  const run = quietJob<number>({ fn: double, argsList: 5000 }).run();
  let seen = 0;
  for await (const _ of run) if (++seen === 3) break;
  const summary = await run;
  assertEquals([seen, ...countsOf(summary)], [3, 5000, 5000, 0, 0]);
  assertEquals((await readLines(summary.paths.results)).length, 5000);
});

Deno.test("Run.cancel() ends the job and keeps the results so far", async () => {
  await using _folder = await enterFolder();
  const run = quietJob<number>({ fn: waits, argsList: 3, workers: 2 }).run();
  const results: number[] = [];
  for await (const result of run) {
    results.push(result);
    run.cancel();
  }
  const summary = await run;
  assertEquals([results, countsOf(summary)], [[0], [3, 1, 0, 2]]);
  const { state } = JSON.parse(await Deno.readTextFile(`${summary.paths.folder}/job.json`));
  assertEquals(state, "canceled");
});

Deno.test("a loop over results that cancels its run can await it", async () => {
  await using _folder = await enterFolder();
  const fn = (x: number) => new Promise<number>((done) => setTimeout(done, 20, x));
  const run = quietJob<number>({ fn, argsList: 10_000 }).run();
  const ends: Summary[] = [];
  for await (const _ of run) {
    if (ends.length > 0) continue;
    // The job waits for this loop now.
    const { folder } = run.progress;
    await until(() => readEvents(folder!).length > 1, "the journal has a second result");
    run.cancel();
    ends.push(await within(run, "the run ends"));
  }
  const { canceled, succeeded } = ends[0]!;
  assertEquals([canceled > 0, canceled + succeeded], [true, 10_000]);
});

Deno.test("Job writes every kind of result as JSON", async () => {
  await using _folder = await enterFolder();
  const values = [0, 1.5, true, false, null, "text", "", [], {}, ["ERR"], 'a\n"b"'];
  const job = quietJob({ fn: (x) => x, argsList: values, ordered: true, groupedResults: true });
  const run = job.run();
  assertEquals(await Array.fromAsync(run), values);
  const { paths } = await run;
  assertEquals(await readLines(paths.results), values.map((value) => JSON.stringify(value)));
  const [nothing] = await Array.fromAsync(quietJob({ fn: () => {}, argsList: 1 }).run());
  assertEquals(nothing, null);
});

Deno.test("Job: two jobs of the same name in the same second share no files", async () => {
  await using _folder = await enterFolder();
  const job = quietJob({ fn: (x) => ({ x, ERROR: x === 1 && "one" }), argsList: 2, log: true });
  const [one, other] = await Promise.all([job.run(), job.run()]);
  assertEquals([countsOf(one), countsOf(other)], [[2, 1, 1, 0], [2, 1, 1, 0]]);
  assertNotEquals(one.id, other.id);
  for (const key of ["folder", "results", "errors", "log"] as const) {
    assertNotEquals(one.paths[key], other.paths[key]);
    assert(one.paths[key] && other.paths[key], key);
  }
  assertEquals((await readLines(one.paths.errors)).length, 1);
});

Deno.test("Job retries a task, and the journal records each attempt", async () => {
  await using folder = await enterFolder();
  const failsTwice = (path: string) => {
    Deno.writeTextFileSync(path, "x", { append: true });
    const attempt = Deno.statSync(path).size;
    if (attempt < 3) throw new Error(`attempt ${attempt}`);
    return attempt;
  };
  const argsList = [`${folder.path}/count`];
  const job = quietJob<number>({ fn: failsTwice, argsList, maxAttempts: 3, backoff: "1ms" });
  const run = job.run();
  assertEquals(await Array.fromAsync(run), [3]);
  const summary = await run;
  assertEquals(countsOf(summary), [1, 1, 0, 0]);
  const events = readEvents(summary.paths.folder);
  assertEquals(events.map(({ id, attempt, type }) => [id, attempt, type]), [
    [0, 1, "retried"],
    [0, 2, "retried"],
    [0, 3, "succeeded"],
  ]);
});

Deno.test("Job records a task that fails at every attempt as one error", async () => {
  await using _folder = await enterFolder();
  const fails = (x: number) => {
    throw new RangeError(`no ${x}`);
  };
  const job = quietJob({ fn: fails, argsList: [5], maxAttempts: 2, backoff: "1ms" });
  const { paths, ...summary } = await job.run();
  assertEquals(countsOf({ ...summary, paths }), [1, 0, 1, 0]);
  const [line, ...others] = await readLines(paths.errors);
  const { stack, ...error } = JSON.parse(line!);
  assertEquals([error, others], [
    {
      ERROR: "no 5",
      ARGS: 5,
      KWARGS: {},
      type: "RangeError",
      class: "error",
      task: 0,
      attempts: 2,
    },
    [],
  ]);
  assert(stack.startsWith("RangeError: no 5\n    at "));
});

Deno.test("Job orders results whatever the duration of the tasks", async () => {
  await using _folder = await enterFolder();
  const slowFirst = async (x: number) => {
    await new Promise((resolve) => setTimeout(resolve, x === 0 ? 100 : 0));
    if (x === 2) throw new Error("no");
    return x;
  };
  const run = quietJob<number>({ fn: slowFirst, argsList: 6, workers: 2, ordered: true }).run();
  assertEquals(await Array.fromAsync(run), [0, 1, 3, 4, 5]);
  assertEquals(await readLines((await run).paths.results), ["0", "1", "3", "4", "5"]);
});

Deno.test("Job runs a task method with its wrappers", async () => {
  await using _folder = await enterFolder({
    "work.ts": `
      import { asJson, attempt, expandArgs } from "dl_jobs";
      export const divide = asJson(attempt(expandArgs((a: number, b: number) => {
        if (b === 0) throw new RangeError("by zero");
        return { quotient: a / b };
      })));
      export const inner = attempt(expandArgs(asJson((a: number, b: number) => [a, b]), ["a", "b"]));
    `,
  });
  const job = quietJob({
    moduleName: "work",
    methodName: "divide",
    argsList: [[6, 3], [1, 0], { args: [9, 3] }],
    ordered: true,
  });
  const run = job.run();
  assertEquals(await Array.fromAsync(run), [{ quotient: 2 }, { quotient: 3 }]);
  const { name, paths, ...counts } = await run;
  assertEquals([name, countsOf({ name, paths, ...counts })], ["work.divide", [3, 2, 1, 0]]);
  assertEquals(await readLines(paths.results), ['{"quotient":2}', '{"quotient":3}']);
  const [line, ...others] = await readLines(paths.errors);
  const { ERROR, ARGS, type, task } = JSON.parse(line!);
  assertEquals([ERROR, ARGS, type, task, others], ["by zero", [[1, 0]], "RangeError", 1, []]);
  const inner = { moduleName: "work", methodName: "inner", argsList: [{ b: 2, a: 1 }] };
  assertEquals(await Array.fromAsync(quietJob(inner).run()), [[1, 2]]);
});

Deno.test("run() calls a run method and returns a summary for each job", async () => {
  await using _folder = await enterFolder({
    "run/jobs.ts": `
      import { Job } from "dl_jobs";
      export const pair = (count: number, { step, cpus }: { step: number; cpus: number }) =>
        [1, 2].map((times) => new Job({
          moduleName: "work",
          methodName: "add",
          name: "x" + times,
          argsList: Array.from({ length: count }, (_, i) => [i * times, step, cpus]),
        }));
    `,
    "work.ts": "export const add = (list: number[]) => list.reduce((a, b) => a + b);",
  });
  const flags = { noisy: false, log: false, print_logs: false, ordered: true };
  const summaries = await run("jobs.pair", { args: [2], kwargs: { step: 10 }, flags });
  assertEquals(summaries.map(({ name }) => name), ["x1", "x2"]);
  const results = await Promise.all(summaries.map(({ paths }) => readLines(paths.results)));
  assertEquals(results, [["11", "12"], ["11", "13"]]);
});

Deno.test("a script ends with its run, also when its signals abort later", async () => {
  const library = new URL("../../../mod.ts", import.meta.url).href;
  const script = `import { Job } from ${JSON.stringify(library)};
    const job = new Job({ fn: (x) => x, argsList: 2, noisy: false });
    const signal = AbortSignal.timeout(600_000), stop = AbortSignal.timeout(600_000);
    console.log((await job.run({ signal, stop })).succeeded);`;
  await using folder = await enterFolder({ "script.ts": script });
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", "script.ts"],
    cwd: folder.path,
    stderr: "inherit",
    signal: AbortSignal.timeout(60_000),
  }).output();
  assertEquals([code, new TextDecoder().decode(stdout)], [0, "2\n"]);
});

Deno.test("a value that is not a list is refused, and leaves no job", async (t) => {
  await using _folder = await enterFolder();
  // deno-lint-ignore no-explicit-any -- code that is not type-checked
  const lists: [type: string, list: any][] = [
    ["object", { a: 1 }],
    ["function", () => [1]],
    ["boolean", true],
  ];
  for (const [type, argsList] of lists) {
    await t.step(type, async () => {
      const error = await assertRejects(() => quietJob({ fn: double, argsList }).run(), TypeError);
      assertEquals(
        error.message,
        `Cannot read tasks from a value of type ${type}: pass an array, an iterable, a number, ` +
          "a path or a stream",
      );
      assertEquals([...jobs()], []);
    });
  }
  const promise: unknown = Promise.resolve([1, 2]);
  const summary = await quietJob({ fn: double, argsList: promise as number[] }).run();
  assertEquals(countsOf(summary), [2, 2, 0, 0]);
});

Deno.test("the results of a run and of a job may be the list of another job", async (t) => {
  await using _folder = await enterFolder();
  const first = quietJob({ fn: double, argsList: 3 }), run = first.run();
  for (const [name, argsList] of Object.entries({ run, results: results<number>(run) })) {
    await t.step(name, async () => {
      const values = await Array.fromAsync(quietJob({ fn: double, argsList }).run());
      assertEquals(values.sort((a, b) => a - b), [0, 4, 8]);
    });
  }
});

Deno.test("the files of a job have the time of its id in their names", async () => {
  await using _folder = await enterFolder();
  const RealDate = Date;
  let now = Date.now();
  globalThis.Date = class extends RealDate {
    /** Each start of a clock is a second later than the one before. */
    constructor(time?: number | string | Date) {
      super(time ?? (now += 1000));
    }
  } as DateConstructor;
  try {
    const { id, paths } = await quietJob({ fn: double, argsList: 1, log: true }).run();
    const names = [paths.log, paths.results].map((path) => path?.slice(path.lastIndexOf("_") + 1));
    assertEquals(names, [`${id.slice(0, 15)}.log`, `${id.slice(0, 15)}.ndjson`]);
  } finally {
    globalThis.Date = RealDate;
  }
});
