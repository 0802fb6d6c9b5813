/**
 * The list of a job that is resumed.
 *
 * @module
 */

import { run } from "../../../lib/api/run_method.ts";
import { rebuildFiles } from "../../../lib/job/inspect/history.ts";
import { resumeJob } from "../../../lib/job/resume/resume.ts";
import { readRecord, writeRecord } from "../../../lib/job_dir/record.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { exists } from "../../../lib/util/files/fs.ts";
import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "../../support/assert.ts";
import {
  assertResults,
  cli,
  enterFolder,
  kill,
  readEvents,
  readLines,
  recordOf,
  runJob,
} from "../../support/jobs.ts";
import { lastFolder, square, squares } from "./squares.ts";

function copyFolder(from: string, to: string): void {
  Deno.mkdirSync(to, { recursive: true });
  for (const { name } of Deno.readDirSync(from)) {
    Deno.copyFileSync(`${from}/${name}`, `${to}/${name}`);
  }
}

Deno.test("resume() runs a job that died at any byte of its start", async () => {
  await using folder = await enterFolder();
  const { paths } = await runJob({ fn: square, argsList: 2, engine: "inline" });
  const [header] = readLines(`${paths.folder}/events.ndjson`);
  kill(paths.folder);
  const { isRead: _isRead, ...record } = readRecord(paths.folder);
  writeRecord(paths.folder, { ...record, files: {} });
  Deno.removeSync(`${folder.path}/results`, { recursive: true });
  const copy = `${folder.path}/copy`;
  copyFolder(paths.folder, copy);
  for (let size = -1; size <= header!.length + 1; size++) {
    Deno.removeSync(paths.folder, { recursive: true });
    copyFolder(copy, paths.folder);
    if (size < 0) Deno.removeSync(`${paths.folder}/events.ndjson`);
    else Deno.truncateSync(`${paths.folder}/events.ndjson`, size);
    Deno.removeSync(`${paths.folder}/tasks.ndjson`);
    const { succeeded, paths: { results } } = await resumeJob(paths.folder);
    assertEquals([size, succeeded], [size, 2]);
    assertEquals(readLines(`${paths.folder}/events.ndjson`)[0], header);
    assertResults(paths.folder, squares(2));
    assertEquals(readLines(results), squares(2).map((value) => JSON.stringify(value)));
    Deno.removeSync(results!);
  }
});

Deno.test("resume() continues the list where the dead controller stopped", async (t) => {
  const text = "0\n1\r\n\n2\n3\n4\n\n\n5\n6\n7";
  const sources: Record<string, () => Promise<void>> = {
    "a file": async () => {
      await runJob({ fn: square, argsList: "list.ndjson" });
    },
    "a number": async () => {
      await runJob({ fn: square, argsList: 8 });
    },
    "the generator of a run method": async () => {
      await run("jobs.many", { args: ["8"], flags: { workers: 1, log: false } });
    },
    "the second job of a run method, by flags": async () => {
      const flags = { workers: 1, log: false, module_dir: "elsewhere" };
      await run("jobs.two", { kwargs: { count: 8 }, flags });
    },
  };
  const jobs = (lib: string) => `
    import { Job } from "dl_jobs";
    const square = (x) => ({ "ü€😀": x * x });
    const list = function* (count) { for (let x = 0; x < count; x++) yield x; };
    const quiet = { noisy: false, fn: square };
    export const many = (count) => new Job({ ...quiet, argsList: list(Number(count)) });
    export const two = ({ count }) => [
      new Job({ ...quiet, argsList: [9, 9, 9] }),
      new Job({ ...quiet, argsList: list(count) }),
    ]; // ${lib}`;
  for (const [name, start] of Object.entries(sources)) {
    for (const read of [0, 3, 8]) {
      await t.step(`${name}, ${read} of 8 known`, async () => {
        await using _folder = await enterFolder({
          "list.ndjson": text,
          "jobs.ts": jobs("here"),
          "elsewhere/jobs.ts": jobs("there"),
        });
        await start();
        const folder = await lastFolder();
        const tasks = readLines(`${folder}/tasks.ndjson`);
        // One of the recorded tasks has not ended.
        kill(folder, { read, events: ({ id }) => id < read - 1 });
        const { total, succeeded, paths } = await resumeJob(folder);
        assertEquals([total, succeeded], [8, 8]);
        assertResults(folder, squares(8));
        assertEquals(readLines(`${folder}/tasks.ndjson`), tasks);
        assertEquals(
          readLines(paths.results).sort(),
          squares(8).map((value) => JSON.stringify(value)).sort(),
        );
        assertEquals([recordOf(folder).isRead, recordOf(folder).state], [true, "succeeded"]);
      });
    }
  }
});

Deno.test("resume() names the invalid line of a list, as the first run did", async () => {
  await using _folder = await enterFolder({ "list.ndjson": '0\n\n\n1\n2\n{"a":\n' });
  const { paths } = await runJob({ fn: square, argsList: "list.ndjson" });
  const [error] = readLines(paths.errors);
  assertEquals(JSON.parse(error!), {
    ERROR: "Cannot read list.ndjson:6:6: Unexpected end of JSON input",
    ...{ ARGS: '{"a":', KWARGS: {}, type: "SyntaxError", class: "invalid", task: 3, attempts: 1 },
    place: "list.ndjson:6",
  });
  kill(paths.folder, { read: 1 });
  const { succeeded, failed } = await resumeJob(paths.folder);
  assertEquals([succeeded, failed], [3, 1]);
  assertEquals(readLines(paths.errors), [error]);
  await rebuildFiles(paths.folder);
  assertEquals(readLines(paths.errors), [error]);
});

Deno.test("resume() refuses a list that has changed", async (t) => {
  const path = (folder: string) => `${folder}/list.ndjson`;
  const cases: [name: string, change: (path: string) => void, reason: string][] = [
    ["longer", (path) => Deno.writeTextFileSync(path, "9\n", { append: true }), "it has changed"],
    ["edited", (path) => Deno.writeTextFileSync(path, "0\n7\n2\n"), "it has changed"],
    ["edited, and its time set back", (path) => {
      const { atime, mtime } = Deno.statSync(path);
      Deno.writeTextFileSync(path, "0\n7\n2\n");
      Deno.utimeSync(path, atime!, mtime!);
    }, "it has changed"],
    ["gone", (path) => Deno.removeSync(path), "it has been removed"],
  ];
  for (const [name, change, reason] of cases) {
    await t.step(name, async () => {
      await using folder = await enterFolder({ "list.ndjson": "0\n1\n2\n" });
      const { paths } = await runJob({ fn: square, argsList: "list.ndjson" });
      kill(paths.folder, { read: 2 });
      const before = recordOf(paths.folder);
      change(path(folder.path));
      const error = await assertRejects(() => resumeJob(paths.folder), UsageError);
      assertEquals(
        error.message,
        `Cannot continue reading ${path(folder.path)}: ${reason} since the job began, ` +
          "restore it or start a new job with --reuse",
      );
      // The job can still be resumed when the file is back.
      assertEquals(recordOf(paths.folder), before);
    });
  }
});

Deno.test("status tells the tasks that were read of a list that has more", async () => {
  await using _folder = await enterFolder({ "list.ndjson": "0\n1\n2\n3\n" });
  const { paths } = await runJob({ fn: square, argsList: "list.ndjson" });
  kill(paths.folder, { read: 3, events: ({ id }) => id < 2 });
  const tasks = async () => /^tasks +(.*)$/m.exec((await cli(["status"])).stdout)?.[1];
  assertEquals(await tasks(), "3 read so far: 2 succeeded, 0 failed, 1 pending");
  await resumeJob(paths.folder);
  assertEquals(await tasks(), "4: 4 succeeded, 0 failed, 0 pending");
});

Deno.test("a stopped job counts the tasks that were read of a list that has more", async () => {
  await using _folder = await enterFolder({
    "list.ndjson": `"${"x".repeat(10_000)}"\n`.repeat(2000),
    "stop.ts": "export const stop = () => { throw new Error('no'); };\n",
  });
  const stop = ["map", "stop.ts#stop", "list.ndjson", "--halt", "1"];
  const { stderr } = await cli([...stop, "--progress", "json"]);
  const { total, isPartial } = JSON.parse(stderr.trim().split("\n").at(-1)!);
  assertEquals([isPartial, total < 2000], [true, true]);
  const status = JSON.parse((await cli(["status", "--json"])).stdout);
  const { jobs: [job] } = JSON.parse((await cli(["jobs", "--json"])).stdout);
  assertEquals([status.counts.total, status.isPartial], [total, true]);
  assertEquals([job.total, job.isPartial], [total, true]);
  assertMatch((await cli(["status"])).stdout, new RegExp(`^tasks +${total} read so far: `, "m"));
  assertMatch((await cli(["jobs"])).stdout, new RegExp(`canceled +${total} read so far +0 +`));
  assertMatch((await cli(stop)).stderr, /0 of \d+ tasks read so far succeeded, \d+ failed/);
});

Deno.test("resume() continues a list whose file has another time, but the same bytes", async () => {
  await using folder = await enterFolder({ "list.ndjson": "0\n1\n2\n" });
  const { paths } = await runJob({ fn: square, argsList: "list.ndjson" });
  kill(paths.folder, { read: 2 });
  Deno.utimeSync(`${folder.path}/list.ndjson`, 1, 1);
  await resumeJob(paths.folder);
  assertResults(paths.folder, squares(3));
});

Deno.test("resume() reads the rest of a list in the same way under the name of a link", async (t) => {
  const lists: [name: string, text: string, flags: string[]][] = [
    ["list.txt", "0\n1\n2\n", ["list.txt"]],
    ["list.csv", "n\n0\n1\n2\n", ["list.csv"]],
    ["rows.csv", "n\n0\n1\n2\n", ["rows.csv", "--grid", "year=1,2"]],
    ["values.txt", "0\n1\n2\n", ["--grid", "n=@values.txt", "year=1,2"]],
  ];
  for (const [name, text, flags] of lists) {
    await t.step(flags.join(" "), async () => {
      await using folder = await enterFolder({
        "m.js": "export const task = (x) => x;",
        blob: text,
      });
      Deno.symlinkSync("blob", `${folder.path}/${name}`);
      await cli(["map", "m.js", ...flags, "-q"]);
      const job = await lastFolder(), tasks = readLines(`${job}/tasks.ndjson`);
      kill(job, { read: 1 });
      assertEquals((await resumeJob(job)).succeeded, tasks.length);
      assertEquals(readLines(`${job}/tasks.ndjson`), tasks);
    });
  }
});

Deno.test("resume() refuses a file of values that has changed after the tasks that were read", async () => {
  await using folder = await enterFolder({
    "m.js": "export const task = (x) => x;",
    "values.txt": "0\n1\n2\n",
  });
  await cli(["map", "m.js", "--grid", "n=@values.txt", "year=1,2", "-q"]);
  const job = await lastFolder(), path = `${folder.path}/values.txt`;
  kill(job, { read: 1 });
  await folder.write("values.txt", "0\n1\n3\n");
  await assertRejects(() => resumeJob(job), UsageError, `Cannot continue reading ${path}: it has`);
  await folder.write("values.txt", "0\n1\n2\n");
  assertEquals((await resumeJob(job)).succeeded, 6);
});

Deno.test("resume() continues a list with a bad record whose file has another time", async () => {
  await using folder = await enterFolder({ "list.csv": "n\n0\n1,2\n2\n3,4\n" });
  const { paths } = await runJob({ fn: (x: unknown) => x, argsList: "list.csv" });
  const tasks = readLines(`${paths.folder}/tasks.ndjson`);
  kill(paths.folder, { read: 2 });
  Deno.utimeSync(`${folder.path}/list.csv`, 1, 1);
  await resumeJob(paths.folder);
  assertEquals(readLines(`${paths.folder}/tasks.ndjson`), tasks);
});

Deno.test("resume() refuses a run method that returns fewer jobs than before", async () => {
  const job = (list: string) =>
    `import { Job } from "dl_jobs";\nexport const all = () => ${list}.map((n) =>` +
    " new Job({ fn: (x) => x, noisy: false, argsList: new Set([n]) }));\n";
  await using folder = await enterFolder({ "jobs.ts": job("[1, 2]") });
  await run("jobs.all", { flags: { workers: 1, log: false } });
  const last = await lastFolder();
  kill(last, { read: 0 });
  await folder.write("jobs.ts", job("[1]"));
  const error = await assertRejects(() => resumeJob(last), UsageError);
  assertEquals(
    error.message,
    "Cannot read the list again: jobs.all returns fewer jobs than before",
  );
});

Deno.test("resume() runs the tasks read from stdin, and status reports that the rest is lost", async () => {
  await using _folder = await enterFolder({ "work.ts": "export const task = (x) => x * x;\n" });
  const first = await cli(["map", "work.ts#task", "-"], { input: "0\n1\n2\n3\n" });
  assertEquals([first.code, first.stdout.split("\n").sort().join()], [0, ",0,1,4,9"]);
  const folder = await lastFolder();
  kill(folder, { read: 3, events: ({ id }) => id === 1 });
  const gone = "the rest of its input is gone: only the tasks that were read can run";
  const asked = JSON.parse((await cli(["status", "--json"])).stdout);
  const counts = { total: 3, succeeded: 1, failed: 0 };
  assertEquals([asked.state, asked.counts, asked.rest], ["interrupted", counts, gone]);
  const { code, stderr } = await cli(["resume"]);
  assertEquals(code, 0);
  assertStringIncludes(
    stderr,
    "Warning: the list of work.task came from a pipe or a program that has ended: " +
      "only the tasks that had been read will run, and the rest of the list is lost\n",
  );
  assertResults(folder, [0, 1, 4]);
  const said = (await cli(["status"])).stdout;
  assertMatch(said, /^state {4}succeeded$/m);
  assertMatch(said, new RegExp(`^note {5}${gone}$`, "m"));
});

Deno.test("resume() does not repeat ended tasks when a power cut truncated only the list", async () => {
  await using _folder = await enterFolder();
  const { paths } = await runJob({ fn: square, argsList: 8 });
  const before = readEvents(paths.folder).length;
  kill(paths.folder, { read: 2, events: ({ id }) => id !== 5 });
  const { total, succeeded } = await resumeJob(paths.folder);
  assertEquals([total, succeeded], [8, 8]);
  assertResults(paths.folder, squares(8));
  assertEquals(readEvents(paths.folder).length, before);
});

Deno.test("a job whose stream is lost writes its file and its value when its tasks have ended", async (t) => {
  for (const flags of [["--output", "all.json"], ["--reduce", "./work.ts#add", "-o", "all.json"]]) {
    await t.step(flags[0]!, async () => {
      await using _folder = await enterFolder({
        "work.ts": `export const work = (x) => { if (x === 1) throw new Error("one"); return x; };
          export const add = (sum = 0, x) => sum + x;`,
      });
      const map = ["map", "work.ts#work", "-", "--engine", "inline", "--halt", "1", ...flags];
      await cli(map, { input: "0\n1\n2\n3\n" });
      assertEquals(exists("all.json"), false);
      await cli(["resume", "--halt", "none"]);
      const rows = JSON.parse(await Deno.readTextFile("all.json"));
      assertEquals(rows, flags[0] === "--reduce" ? [5] : [0, 2, 3]);
      if (flags[0] === "--reduce") assertEquals((await cli(["results"])).stdout, "5\n");
    });
  }
});
