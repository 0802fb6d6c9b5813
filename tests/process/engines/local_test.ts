import { StartError } from "../../../lib/engines/shared/start_error.ts";
import type { Engine } from "../../../lib/engines/engine.ts";
import { localEngine } from "../../../lib/engines/local/local.ts";
import { toTasks } from "../../../lib/tasks/source.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { type Folder, makeFolder } from "../../../tools/support/files.ts";
import { within } from "../../../tools/support/until.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";
import { testEngine } from "../../support/conformance/mod.ts";
import { Outcome, start } from "../../support/engine_rig.ts";

testEngine("local", localEngine, { kinds: ["javascript", "python", "program"] });
testEngine("local with several calls at a time", localEngine, {
  kinds: ["javascript", "python", "program"],
  context: { concurrency: 3 },
});
testEngine("local whose first worker starts early", {
  ...localEngine,
  async *run(tasks, context) {
    await using prepared = localEngine.prepare!(context);
    yield* (prepared ?? localEngine).run(tasks, context);
  },
}, { kinds: ["javascript", "python", "program"] });

/** A run of two tasks whose first workers end while they load the function. */
async function runEnding(folder: Folder, starts: number, end: string): Promise<Outcome> {
  await folder.write(
    "task.ts",
    `const path = new URL("starts", import.meta.url);
    Deno.writeTextFileSync(path, "x", { append: true });
    if (Deno.readTextFileSync(path).length <= ${starts}) ${end};
    export const task = (x: number) => 2 * x;`,
  );
  const target = { module: folder.url("task.ts"), method: "task" };
  const context = { workers: 1 };
  return await Outcome.of(await start(localEngine, folder, target, toTasks([1, 2]), context));
}

Deno.test("local: a task whose limits have no timeout has none, without those that change", async () => {
  await using folder = await makeFolder();
  await folder.write(
    "late.ts",
    "export const late = (x: number) => new Promise((end) => setTimeout(() => end(x), 400));",
  );
  const target = { module: folder.url("late.ts"), method: "late" };
  async function* list() {
    for await (const batch of toTasks([1])) yield batch.withLimits({});
  }
  const outcome = await Outcome.of(
    await start(localEngine, folder, target, list(), { workers: 1, timeout: 100 }),
  );
  assertEquals([outcome.inOrder(), outcome.failures], [[1], []]);
});

Deno.test("each worker at a time has a slot of its own", async (t) => {
  await using folder = await makeFolder({
    "slot.ts": `export const task = () => Deno.env.get("DL_JOBS_SLOT");`,
    "slot.py": "import os\n\ndef task(x):\n    return os.environ['DL_JOBS_SLOT']\n",
  });
  const localEarly: Engine = {
    ...localEngine,
    async *run(tasks, context) {
      await using prepared = localEngine.prepare!(context);
      yield* (prepared ?? localEngine).run(tasks, context);
    },
  };
  const engines = { local: localEngine, "local with a first worker": localEarly };
  for (const [name, engine] of Object.entries(engines)) {
    for (const file of ["slot.ts", "slot.py"]) {
      await t.step(`${file} on ${name}`, async () => {
        const target = { module: folder.url(file), method: "task" };
        const run = await start(engine, folder, target, toTasks(3), { workers: 3, chunk: 1 });
        const slots = (await within(Outcome.of(run), "the run ends")).inOrder();
        assertEquals(slots, ["0", "1", "2"]);
      });
    }
  }
});

const startsOf = (folder: Folder) => Deno.readTextFileSync(`${folder.path}/starts`).length;

Deno.test("local: a worker that is killed before it is ready is started again", async () => {
  await using folder = await makeFolder();
  const run = runEnding(folder, 8, 'Deno.kill(Deno.pid, "SIGKILL")');
  const outcome = await within(run, "the run ends");
  assertEquals([outcome.inOrder(), outcome.failures], [[2, 4], []]);
  assertEquals(startsOf(folder), 9);
});

Deno.test("local: a job ends when 20 workers in a row are killed before they are ready", async () => {
  await using folder = await makeFolder();
  const run = runEnding(folder, 100, 'Deno.kill(Deno.pid, "SIGKILL")');
  const error = await within(assertRejects(() => run, StartError), "the run ends");
  assertEquals(
    error.message,
    "Cannot start a worker: 20 in a row were killed by SIGKILL before they were ready; find out what " +
      "kills processes on this machine (it may be short of memory), then run dl_jobs resume",
  );
  assertEquals(startsOf(folder), 20);
});

Deno.test("local: a job ends when five workers in a row exit before they are ready", async () => {
  await using folder = await makeFolder();
  const run = runEnding(folder, 100, 'Deno.kill(Deno.pid, "SIGABRT")');
  const error = await within(assertRejects(() => run, UsageError), "the run ends");
  assertEquals(
    error.message,
    "Cannot start a worker: it exits at once with SIGABRT and prints nothing; look for what ends the process where the function's module is loaded",
  );
  assertEquals(startsOf(folder), 5);
});

Deno.test("local: no worker asks for the latest version of Deno", async () => {
  await using folder = await makeFolder();
  await folder.write(
    "task.ts",
    "export const variable = (name: string) => Deno.env.get(name) ?? null;",
  );
  const target = { module: folder.url("task.ts"), method: "variable" };
  const list = toTasks(["DENO_NO_UPDATE_CHECK", "NO_COLOR"]);
  const outcome = await Outcome.of(await start(localEngine, folder, target, list, { workers: 1 }));
  assertEquals(outcome.inOrder(), ["1", "1"]);
});
