import type { TaskContext } from "../../../mod.ts";
import { jobIds } from "../../../lib/job_dir/find.ts";
import { until } from "../../../tools/support/until.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import {
  endOf,
  enterFolder,
  eventLines,
  readEvents,
  readLines,
  readLogs,
  runJob,
  startCli,
} from "../../support/jobs.ts";

/** Returns the result or the message of each task, in the order of the list. */
function outcomes(folder: string): unknown[] {
  const events = readEvents(folder).toSorted((a, b) => a.id - b.id);
  return events.map((event) => {
    if ("result" in event) return event.result;
    return "error" in event ? `${event.error.type}: ${event.error.message}` : event;
  });
}

Deno.test("a checkpoint that cannot be saved fails its task with advice", async () => {
  await using _folder = await enterFolder();
  const fn = (what: string, { checkpoint }: TaskContext) => {
    const values: Record<string, unknown> = {
      map: new Map(),
      bytes: new Uint8Array(3),
      long: "x".repeat(50_000_000),
      nothing: undefined,
      big: { id: 2n ** 70n },
      none: [NaN],
    };
    checkpoint.save(values[what]);
    return checkpoint.last;
  };
  const argsList = ["map", "bytes", "long", "nothing", "big", "none"];
  const { paths } = await runJob({ fn, argsList, workers: 1, bigIntegers: "bigint" });
  assertEquals(outcomes(paths.folder), [
    "TypeError: Cannot write checkpoint: JSON has no Map, use Object.fromEntries(map)",
    "TypeError: Cannot write checkpoint: JSON has no Uint8Array, write the bytes to a file and use " +
    "its path",
    "RangeError: Cannot save a checkpoint of task 2: its JSON has 50000002 characters, more than " +
    "1000000; write a file in ctx.dir and save its path",
    null,
    { id: 1180591620717411303424 },
    [null],
  ]);
});

Deno.test("log fields that are null, text or numbers fail no task", async () => {
  await using _folder = await enterFolder();
  const fn = (fields: unknown, ctx: TaskContext) => ctx.log("x", fields as never);
  const argsList = [null, 0, false, "", "text", [1]];
  const { paths, succeeded } = await runJob({ fn, argsList, workers: 1 });
  assertEquals(succeeded, argsList.length);
  const fields = readLogs(paths.folder).map((line) => line.fields);
  assertEquals(
    fields,
    [undefined, 0, false, "", "text", [1]].map((value) =>
      value === undefined ? undefined : { value }
    ),
  );
});

Deno.test("a context that is used after its task changes nothing", async () => {
  await using _folder = await enterFolder();
  const fn = (x: number, ctx: TaskContext) => {
    const kept = globalThis as { before?: TaskContext };
    const { before } = kept;
    kept.before = ctx;
    if (!before) return x;
    before.progress(0.5);
    before.log("late");
    try {
      before.checkpoint.save(1);
    } catch (error) {
      return (error as Error).message;
    }
    return "saved";
  };
  const { paths } = await runJob({ fn, argsList: [7, 8], workers: 1 });
  assertEquals(outcomes(paths.folder), [
    7,
    "Cannot save a checkpoint of task 0: the task has ended",
  ]);
  assertEquals(eventLines(paths.folder).length, 2);
  assertEquals(readLogs(paths.folder), [
    { id: 0, attempt: 1, stream: "log", text: "late" },
  ]);
});

Deno.test("a million reports of a task become a few events", async () => {
  await using _folder = await enterFolder();
  const fn = (count: number, { progress, checkpoint, log }: TaskContext) => {
    for (let i = 0; i < count; i++) progress(i / count, `step ${i}`);
    for (let i = 0; i < count / 10; i++) checkpoint.save(i);
    progress(Number("no number"));
    progress(7, "x".repeat(1000));
    log("fields", { odd: () => 1, even: 2, none: undefined, no: null } as never);
    log({ no: "text" } as never, [1] as never);
    return "done";
  };
  const { paths } = await runJob({ fn, argsList: [1_000_000] });
  const lines = eventLines(paths.folder);
  assertEquals(outcomes(paths.folder), ["done"]);
  assert(lines.length < 60, `${lines.length} lines`);
  assertEquals(readLogs(paths.folder), [
    { ...LOG, text: "fields", fields: { odd: "[Function: odd]", even: 2, no: null } },
    { ...LOG, text: '{ no: "text" }', fields: { value: [1] } },
  ]);
});

const LOG = { id: 0, attempt: 1, stream: "log" } as const;

Deno.test("reports of a synchronous task arrive while it runs", async () => {
  const module = `export function task(_, ctx) {
    for (let i = 0; ; i++) {
      for (const end = Date.now() + 300; Date.now() < end;);
      ctx.checkpoint.save(i);
      ctx.progress(0.5, "step " + i);
    }
  }\n`;
  await using _folder = await enterFolder({ "task.js": module, "list.ndjson": "0\n" });
  const process = startCli(["map", "task.js", "list.ndjson", "--quiet"]), end = endOf(process);
  const texts = () => {
    const [job] = jobIds();
    return readLines(`.dl_jobs/${job}/events.ndjson`).filter((line) => line.includes('"info"'));
  };
  await until(() => texts().length >= 6, "three checkpoints and three texts arrive");
  process.kill("SIGKILL");
  await end;
  const values = texts().map((line) => JSON.parse(line)).filter(({ type }) =>
    type === "checkpoint"
  );
  const steps = values.map(({ value }) => value);
  assertEquals(steps, steps.toSorted((a, b) => a - b));
});

Deno.test("with few permissions, a task has the folder for its files and nothing else of the job", async () => {
  const module = `export function task(what, ctx) {
    const { dir } = ctx, job = dir.slice(0, dir.lastIndexOf("/"));
    switch (what) {
      case "write": return void Deno.writeTextFileSync(dir + "/a.txt", "1");
      case "read": return Deno.readTextFileSync(dir + "/a.txt");
      case "list": return Array.from(Deno.readDirSync(dir), ({ name }) => name);
      case "record": return Deno.readTextFileSync(job + "/job.json");
      case "above": return Deno.readTextFileSync(dir + "/../job.json");
      case "jobs": return Array.from(Deno.readDirSync(job + "/.."));
      case "journal": return void Deno.writeTextFileSync(job + "/events.ndjson", "");
      case "link": return void Deno.linkSync(job + "/job.json", dir + "/link");
    }
  }\n`;
  await using folder = await enterFolder({ "task.js": module });
  const argsList = ["write", "read", "list", "record", "above", "jobs", "journal", "link"];
  for (const permissions of [{}, { read: "true", write: "true" }, { read: "." }]) {
    const { paths } = await runJob({ moduleName: "./task.js", argsList, workers: 1, permissions });
    assertEquals(outcomes(paths.folder).slice(0, 3), [null, "1", ["a.txt"]]);
    const refused = outcomes(paths.folder).slice(3);
    assert(refused.every((text) => /^NotCapable: /.test(String(text))), refused.join("\n"));
    assertEquals(Deno.readTextFileSync(`${paths.folder}/files/a.txt`), "1");
  }
  assertEquals(folder.path === Deno.cwd(), true);
});
