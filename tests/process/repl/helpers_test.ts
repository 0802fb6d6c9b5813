/**
 * The functions of a session, with real jobs.
 *
 * @module
 */

import { showProgress } from "../../../lib/api/notebook.ts";
import type { Kernel } from "../../../lib/util/notebook.ts";
import { runningHere } from "../../../lib/api/runs.ts";
import { exists } from "../../../lib/util/files/fs.ts";
import { STORE } from "../../../lib/job_dir/layout.ts";
import { listJobs } from "../../../lib/job_dir/find.ts";
import {
  $,
  type ArgsList,
  cancel,
  config,
  files,
  glob,
  grid,
  Job,
  job,
  jobs,
  local,
  logs,
  ndjson,
  results,
  resume,
  retry,
  status,
  submit,
  UsageError,
} from "../../../mod.ts";
import { until, within } from "../../../tools/support/until.ts";
import { assertEquals, assertMatch, assertRejects, assertThrows } from "../../support/assert.ts";
import { enterFolder, kill, readLines, recordOf } from "../../support/jobs.ts";

const QUIET = { noisy: false, log: false, workers: 1, ordered: true } as const;
const LIBRARY = new URL("../../../mod.ts", import.meta.url).href;
const JUPYTER = Symbol.for("Jupyter.display");

const show = (value: unknown) => Deno.inspect(value).replaceAll(/\d{8}T\d{6}-\w+/g, "<id>");

Deno.test("job() makes a job of a function or of a name", async (t) => {
  const cases: Record<string, [name: string, given: string]> = {
    "module.method": ["tiles.mean", "tiles.mean"],
    "folders": ["a.b.mean", "a.b.mean"],
    "a path": ["tiles.mean", "./work/tiles.ts#mean"],
    "a URL": ["tiles.mean", "https://example.org/tiles.ts#mean"],
    "a module": ["tiles", "tiles"],
  };
  assertEquals(
    job(function double(x: number) {
      return x * 2;
    }).name,
    "double",
  );
  for (const [what, [name, given]] of Object.entries(cases)) {
    await t.step(what, () => assertEquals(job(given).name, name));
  }
  assertThrows(() => job(3 as never), UsageError, "pass a function or its name");
});

Deno.test("a job shows its definition", () => {
  const double = (x: number) => x * 2;
  assertEquals(
    Deno.inspect(job(double, { argsList: [1, 2], workers: 2 })),
    "Job double\n  function  (x)=>x * 2\n  list      2 elements\n  options   workers 2",
  );
  assertEquals(
    Deno.inspect(job("tiles.mean", { argsList: "tiles.ndjson" })),
    "Job tiles.mean\n  function  tiles#mean\n  list      tiles.ndjson",
  );
  const lists: [argsList: ArgsList, text: string][] = [
    [["a"], "1 element"],
    [1, "1 number from 0"],
    [grid({ a: 2, b: [1, 2] }), "4 combinations"],
    [glob("a/*.tif"), "glob:a/*.tif"],
    [files(["a.csv", new URL("https://example.org/b.csv")]), "a.csv, https://example.org/b.csv"],
    [new Set([1]), "read while the job runs"],
  ];
  for (const [argsList, text] of lists) {
    assertEquals(Deno.inspect(job("tiles.mean", { argsList })).split(" list      ")[1], text);
  }
});

Deno.test("local(), results(): as they arrive, all together, and as a table", async () => {
  await using _folder = await enterFolder();
  const squares = job((x: number) => ({ x, square: x * x }), { ...QUIET, argsList: 12 });
  assertThrows(() => results(squares), UsageError, "it has not been started");
  const run = local(squares);
  assertEquals(show(run), "Run: starting");
  const all = Array.from({ length: 12 }, (_, x) => ({ x, square: x * x }));
  assertEquals(await Array.fromAsync(results(run)), all);
  assertMatch(
    show(run),
    /^function: job <id> on local\n12 of 12 succeeded, in .* m?s\n {2}results /,
  );
  for (const what of [run, squares, "last", run.progress.record!.id]) {
    assertEquals(await results<{ x: number; square: number }>(what as string), all);
  }
  assertEquals(
    show(results()),
    `function: job <id>, succeeded: 12 results of 12 tasks
x  square
0       0
1       1
2       4
3       9
4      16
5      25
6      36
7      49
8      64
9      81
... and 2 more`,
  );
});

Deno.test("results(), status() find the job of a job object that run() has started", async () => {
  await using _folder = await enterFolder();
  const squares = new Job({ ...QUIET, fn: (x: number) => x * x, argsList: 3 });
  await squares.run();
  assertEquals(await results(squares), [0, 1, 4]);
  assertEquals(status(squares).state, "succeeded");
  const later = new Job({ ...QUIET, fn: (x: number) => x, argsList: 2 });
  const run = later.run();
  assertEquals(await results(later), [0, 1]);
  assertEquals((await cancel(later)).id, run.progress.record!.id);
});

Deno.test("Ctrl-C in a session ends each run, however it was started", async () => {
  await using _folder = await enterFolder();
  const waits = job(() => new Promise((end) => setTimeout(end, 60_000)), { ...QUIET, argsList: 1 });
  const canceled = [];
  for (const start of [() => waits.run(), () => local(waits), () => resume(waits)]) {
    const run = start();
    await until(() => run.progress.counts?.total === 1, "the task is read");
    assertEquals(runningHere(), [run]);
    for (const one of runningHere()) one.cancel();
    canceled.push((await run).canceled);
    assertEquals(runningHere(), []);
  }
  assertEquals(canceled, [1, 1, 1]);
});

Deno.test("status() of a run that could not start says that it has no job", async () => {
  await using _folder = await enterFolder();
  const run = local(job((x: number) => x, { ...QUIET, argsList: "none.ndjson" }));
  await assertRejects(() => run.then(), UsageError, "no such file");
  for (const find of [status, retry, resume, logs]) {
    const message = "the run has created none, await it for the reason";
    assertThrows(() => find(run), UsageError, message);
  }
});

Deno.test("results(): a notebook shows a table, whatever its cells contain", async () => {
  await using _folder = await enterFolder();
  await local(job((x: string) => x, { ...QUIET, argsList: ['<script>"&'], name: "<b>" }));
  const bundle = results()[JUPYTER as never] as () => Record<string, string>;
  const html = bundle.call(results())["text/html"]!.replace(/\d{8}T\d{6}-\w+/, "<id>");
  assertEquals(
    html,
    "<p>&#60;b&#62;: job <id>, succeeded: 1 result of 1 task</p><table><thead><tr>" +
      "<th>value</th></tr></thead><tbody><tr><td>&#60;script&#62;&#34;&#38;</td></tr></tbody>" +
      "</table>",
  );
});

Deno.test("a function that takes a name from the scope around it fails before anything runs", async () => {
  await using _folder = await enterFolder();
  const factor = 2;
  const run = local(job((x: number) => x * factor, { ...QUIET, argsList: 3 }));
  await assertRejects(() => run, UsageError, 'it uses "factor" from the scope around it');
  assertEquals(await listJobs(), []);
});

Deno.test("submit() keeps the whole list, and another process runs it", async () => {
  await using _folder = await enterFolder();
  function* list() {
    for (let i = 0; i < 50; i++) yield { i };
  }
  const handle = await submit(job(({ i }: { i: number }) => i, { ...QUIET, argsList: list() }));
  assertEquals(readLines(`${handle.folder}/tasks.ndjson`).length, 50);
  assertEquals(await results<number>(handle), Array.from({ length: 50 }, (_, i) => i));
  assertEquals([handle.state, handle.counts], [
    "succeeded",
    { total: 50, succeeded: 50, failed: 0 },
  ]);
  assertMatch(
    show(handle),
    /^function: job <id> on local, succeeded\n {2}50 of 50 succeeded, 0 fai/,
  );
});

Deno.test("submit() leaves a file or a number to the process that runs it", async () => {
  await using _folder = await enterFolder({ "list.ndjson": "1\n2\n3\n" });
  for (const [argsList, all] of [["list.ndjson", [1, 2, 3]], [2, [0, 1]]] as const) {
    assertEquals(await results(await submit(job((x: number) => x, { ...QUIET, argsList }))), [
      ...all,
    ]);
  }
});

Deno.test("submit() refuses what cannot be planned, and leaves no job", async () => {
  await using _folder = await enterFolder();
  const bad = [job("no.such"), job((x: unknown) => x, { argsList: [new Map()] })];
  await assertRejects(() => submit(bad[0]!), UsageError, 'Cannot find module "no"');
  await assertRejects(() => submit(bad[1]!), Error, "element 0 of the list");
  await assertRejects(
    () => submit(3 as never),
    UsageError,
    "Cannot call submit: the value is not a job",
  );
  assertThrows(() => results(Promise.resolve() as never), UsageError, "await it first");
  assertEquals(await listJobs(), []);
});

const MODULE_THAT_THROWS = 'export const f = 1;\nthrow new Error("no licence");\n';

Deno.test("the log of a submitted job says why it stopped", async () => {
  await using _folder = await enterFolder({ "m.ts": MODULE_THAT_THROWS });
  const handle = await submit(job("./m.ts#f", { argsList: 2 }));
  await until(() => handle.state === "interrupted", "the job stops");
  const [log] = Array.from(Deno.readDirSync("logs"), ({ name }) => name);
  assertMatch(
    await Deno.readTextFile(`logs/${log}`),
    /Error: Cannot load the function: its module threw Error: no licence\n/,
  );
});

Deno.test("submit() takes results of former jobs, too", async () => {
  await using _folder = await enterFolder();
  const double = (x: number) => x * 2;
  await local(job(double, { ...QUIET, argsList: [1, 2] }));
  const again = await submit(job(double, { ...QUIET, argsList: [1, 2, 3], reuse: true }));
  assertEquals(await results<number>(again), [2, 4, 6]);
  const ms = readLines(`${again.folder}/events.ndjson`).filter((line) => line.includes('"id":0,'));
  assertEquals(ms.length, 1);
});

Deno.test("cancel() ends a run of this process by its name, its id or its handle", async () => {
  await using _folder = await enterFolder();
  const never = () => new Promise<void>((resolve) => setTimeout(resolve, 1e9));
  for (const name of [() => "last", () => status().id, () => status()]) {
    const run = local(job(never, { ...QUIET, argsList: 2 }));
    await until(() => run.progress.counts?.read === 2, "the job has begun");
    assertEquals((await cancel(name())).state, "canceled");
    assertEquals((await run).canceled, 2);
  }
});

Deno.test("cancel(), resume(), retry(), status(), jobs(), logs() work on earlier jobs", async () => {
  await using _folder = await enterFolder();
  const wait = async (x: number) => {
    console.log(`waits ${x}`);
    while (!Deno.readDirSync(".").some(({ name }) => name === "go")) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    if (x === 1) throw new Error("no");
    return x;
  };
  assertEquals(show(jobs()), `There are no jobs in ${STORE}`);
  const handle = await submit(job(wait, { ...QUIET, argsList: 3, printLogs: false }));
  assertEquals(status().state, "running");
  await until(() => show(logs()) === "0: waits 0", "the first task runs");
  assertEquals((await cancel(handle)).state, "canceled");
  await Deno.writeTextFile("go", "");
  await resume(handle);
  assertEquals(status(handle).counts, { total: 3, succeeded: 2, failed: 1 });
  const { failed } = await retry();
  assertEquals(failed, 1);
  assertMatch(show(jobs()), /^id .*age\n<id> +wait +failed +3 +2 +1 +\d/);
  assertEquals((await Array.fromAsync(logs())).length > 3, true);
});

Deno.test("results(): of a job that died, says that there are more", async () => {
  await using _folder = await enterFolder();
  const { paths: { folder } } = await local(job((x: number) => x, { ...QUIET, argsList: 4 }));
  kill(folder, { events: ({ id }) => id < 2 });
  const said: string[] = [];
  const { error } = console;
  console.error = (text: string) => said.push(text);
  try {
    assertEquals(await results<number>(), [0, 1]);
  } finally {
    console.error = error;
  }
  const { id } = recordOf(folder);
  assertEquals(said, [
    `Warning: job ${id} stopped with 2 of 4 tasks done, resume("${id}") runs the rest`,
  ]);
  assertEquals(
    show(results()).split("\n")[0],
    "function: job <id>, interrupted: 2 results of 4 tasks",
  );
});

Deno.test("$ loads zx when the first program is called", async () => {
  assertEquals(await $`echo ${"a b"}`.text(), "a b\n");
  assertEquals((await $`exit 3`.nothrow()).exitCode, 3);
  assertEquals(await Array.fromAsync($`seq 3`), ["1", "2", "3"]);
  assertEquals((await $({ input: "x" })`cat`).stdout, "x");
  await assertRejects(async () => await $`exit 4`.quiet());
});

Deno.test("config() and ndjson are there, too", async () => {
  await using _folder = await enterFolder({ "dl_jobs.config.yaml": "workers: 3\n" });
  assertEquals((await config()).workers, 3);
  assertEquals(typeof ndjson.read, "function");
});

Deno.test("showProgress() shows a run in a notebook until it ends", async () => {
  await using _folder = await enterFolder();
  const sent: [type: string, text: string][] = [];
  const kernel = {
    broadcast(type: string, { data }: { data: Record<string, string> }) {
      sent.push([type, data["text/plain"]!.replace(/\d{8}T\d{6}-\w+/, "<id>").split("\n")[0]!]);
      return Promise.resolve();
    },
  };
  const run = job((x: number) => x, { ...QUIET, argsList: 2 }).run();
  showProgress(run, kernel as unknown as Kernel);
  await run;
  assertEquals(sent[0], ["display_data", "Run: starting"]);
  assertEquals(sent.at(-1), ["update_display_data", "function: job <id> on local"]);
});

/** Returns code that runs a job in a notebook with a kernel that shows nothing. */
const inNotebook = (code: string) =>
  `Deno.jupyter = { broadcast: () => Promise.resolve() };
const { cancel, job, local, results, submit } = await import("${LIBRARY}");
${code}`;

Deno.test("a notebook shows the warnings of a run below the cell, and nothing twice", async () => {
  await using _folder = await enterFolder();
  const code = `await local(job((x) => {
  console.log("printed");
  if (x === 1) throw new Error("no");
  return x / 0;
}, { argsList: 2, name: "nan" }));`;
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", inNotebook(code)],
    stdin: "null",
  }).output();
  assertEquals(
    new TextDecoder().decode(stderr),
    "1 value was NaN or infinite and became null, first in task 0 at result; --nan fail makes " +
      "such a task fail\n",
  );
});

Deno.test("the stop button of a notebook cancels the runs of the cell, not the kernel", async (t) => {
  const ready = 'Deno.writeTextFileSync("ready", "");';
  const slow = (first: string) =>
    `job(() => { ${first} return new Promise((end) => setTimeout(end, 60_000)) }, { argsList: 1 })`;
  const cases = {
    "a run": `const { canceled } = await local(${slow(ready)}); console.log(canceled, "canceled");`,
    "a loop": `let count = 0;
const loop = async () => {
  while (true) count += (await local(${slow(ready)})).canceled;
};
await loop().catch(({ message }) => console.log(count, "canceled"));`,
    "the results of another process": `const handle = await submit(${slow("")});
const waiting = results(handle).then(() => {}, ({ message }) => console.log(message));
setTimeout(() => { ${ready} });
await waiting;
await cancel(handle);`,
  };
  for (const [name, code] of Object.entries(cases)) {
    await t.step(name, async () => {
      await using _folder = await enterFolder();
      const cell = new Deno.Command(Deno.execPath(), {
        args: ["eval", "--no-check", inNotebook(code)],
        stdin: "null",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      const said = new Response(cell.stdout).text();
      await until(() => exists("ready"), "the cell waits");
      cell.kill("SIGINT");
      await within(cell.status, "the cell ends");
      assertMatch(await said, /^(?:1 canceled|Stopped waiting for job .*: it is still running)\n$/);
    });
  }
});
