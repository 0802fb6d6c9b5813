import { run } from "../../lib/api/run_method.ts";
import { rebuildFiles } from "../../lib/job/history.ts";
import { resumeJob } from "../../lib/job/resume.ts";
import { STORE } from "../../lib/job_dir/layout.ts";
import { listJobs } from "../../lib/job_dir/find.ts";
import { UsageError } from "../../lib/util/errors.ts";
import { exists } from "../../lib/util/fs.ts";
import { until } from "../../tools/support/until.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "../support/assert.ts";
import {
  assertResults,
  bare,
  cli,
  endOf,
  enterFolder,
  kill,
  readEvents,
  readLines,
  recordOf,
  runJob,
  startCli,
} from "../support/jobs.ts";

/** Results that no two tasks share, with letters of several bytes. */
const squares = (count: number) => Array.from({ length: count }, (_, x) => ({ "ü€😀": x * x }));
const square = (x: number) => ({ "ü€😀": x * x });

function copyFolder(from: string, to: string): void {
  Deno.mkdirSync(to, { recursive: true });
  for (const { name } of Deno.readDirSync(from)) {
    Deno.copyFileSync(`${from}/${name}`, `${to}/${name}`);
  }
}

async function lastFolder(): Promise<string> {
  return `${Deno.cwd()}/${STORE}/${(await listJobs()).at(-1)}`;
}

Deno.test("resume() goes on with a job that died at any byte of its start", async () => {
  await using folder = await enterFolder();
  const { paths } = await runJob({ fn: square, argsList: 2, engine: "inline" });
  const [header] = readLines(`${paths.folder}/events.ndjson`);
  kill(paths.folder);
  const record = recordOf(paths.folder);
  delete record.isRead;
  Deno.writeTextFileSync(`${paths.folder}/job.json`, JSON.stringify({ ...record, files: {} }));
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

Deno.test("resume() reads the list on from where the dead controller stopped", async (t) => {
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
        // One of those that were read has not ended.
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

Deno.test("resume() says which line of a list is no JSON, as the first run did", async () => {
  await using _folder = await enterFolder({ "list.ndjson": '0\n\n\n1\n2\n{"a":\n' });
  const { paths } = await runJob({ fn: square, argsList: "list.ndjson" });
  const [error] = readLines(paths.errors);
  assertEquals(JSON.parse(error!), {
    ERROR: "Cannot read list.ndjson:6:6: Unexpected end of JSON input",
    ...{ ARGS: '{"a":', type: "SyntaxError", class: "error", task: 3, attempts: 1 },
  });
  kill(paths.folder, { read: 1 });
  const { succeeded, failed } = await resumeJob(paths.folder);
  assertEquals([succeeded, failed], [3, 1]);
  const path = Deno.realPathSync("list.ndjson");
  assertEquals(readLines(paths.errors), [error!.replace("list.ndjson", path)]);
  await rebuildFiles(paths.folder);
  assertEquals(readLines(paths.errors), [error!.replace("list.ndjson", path)]);
});

Deno.test("resume() refuses a list that is not what it was", async (t) => {
  const path = (folder: string) => `${folder}/list.ndjson`;
  const cases: [name: string, change: (path: string) => void, reason: string][] = [
    ["longer", (path) => Deno.writeTextFileSync(path, "9\n", { append: true }), "it has changed"],
    ["touched", (path) => Deno.utimeSync(path, 1, 1), "it has changed"],
    ["gone", (path) => Deno.removeSync(path), "it is gone"],
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
        `Cannot read on in ${path(folder.path)}: ${reason} since the job began, ` +
          "put it back as it was or start a new job with --reuse",
      );
      // It can still go on when the file is back.
      assertEquals(recordOf(paths.folder), before);
    });
  }
});

Deno.test("resume() refuses a run method that returns fewer jobs than it did", async () => {
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
    "Cannot read the list again: jobs.all returns fewer jobs than it did",
  );
});

Deno.test("resume() runs what had been read of stdin, and status says that the rest is gone", async () => {
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
    "Warning: the list of work.task came from a pipe or a program that is gone: " +
      "only the tasks that had been read run, the rest of the list is lost\n",
  );
  assertResults(folder, [0, 1, 4]);
  const said = (await cli(["status"])).stdout;
  assertMatch(said, /^state {4}succeeded$/m);
  assertMatch(said, new RegExp(`^note {5}${gone}$`, "m"));
});

Deno.test("resume() does not run again what a power cut took from the list alone", async () => {
  await using _folder = await enterFolder();
  const { paths } = await runJob({ fn: square, argsList: 8 });
  const before = readEvents(paths.folder).length;
  kill(paths.folder, { read: 2, events: ({ id }) => id !== 5 });
  const { total, succeeded } = await resumeJob(paths.folder);
  assertEquals([total, succeeded], [8, 8]);
  assertResults(paths.folder, squares(8));
  assertEquals(readEvents(paths.folder).length, before);
});

Deno.test("resume() gives results in order, a list's elements each, as the first run would have", async (t) => {
  const fn = (x: number) => x === 3 ? { ERROR: "drei" } : [x, [x], { ERROR: x === 5 && "fünf" }];
  for (const ordered of [true, false]) {
    for (const saveErrors of [true, false]) {
      await t.step(`ordered: ${ordered}, errors of their own: ${saveErrors}`, async () => {
        await using _folder = await enterFolder();
        const { paths } = await runJob({
          ...{ fn, argsList: 8, ordered, saveErrors, groupedResults: false, workers: 1 },
        });
        const results = readLines(paths.results), errors = readLines(paths.errors);
        assertEquals(results.length, saveErrors ? 20 : 22);
        kill(paths.folder, { read: 6, events: ({ id }) => id !== 2 && id < 5 });
        await resumeJob(paths.folder);
        const sorted = (lines: string[]) => ordered && saveErrors ? lines : lines.toSorted();
        assertEquals(sorted(readLines(paths.results)), sorted(results));
        assertEquals(readLines(paths.errors).toSorted(), errors.toSorted());
      });
    }
  }
});

Deno.test("rebuildFiles() gives the same bytes", async (t) => {
  const fn = (x: number) => {
    if (x % 7 === 0) throw new RangeError(`${x} is divisible`);
    if (x % 11 === 0) return { ERROR: "elf", x };
    return x % 5 === 0 ? [x, "ü"] : x;
  };
  const cases = {
    ordered: [true, false],
    groupedResults: [true, false],
    saveErrors: [true, false],
  };
  for (const ordered of cases.ordered) {
    for (const groupedResults of cases.groupedResults) {
      for (const saveErrors of cases.saveErrors) {
        const options = { ordered, groupedResults, saveErrors };
        await t.step(JSON.stringify(options), async () => {
          await using folder = await enterFolder();
          const { paths } = await runJob({ fn, argsList: 300, ...options });
          const files = [paths.results, ...(paths.errors ? [paths.errors] : [])] as string[];
          const before = files.map((path) => Deno.readTextFileSync(path));
          assertEquals(await rebuildFiles(paths.folder), files);
          assertEquals(files.map((path) => Deno.readTextFileSync(path)), before);
          for (const path of files) Deno.removeSync(path);
          const { code, stderr } = await cli(["results", "--rebuild"]);
          const names = files.map((path) => `Wrote ${path}\n`).join("");
          assertEquals([code, stderr], [0, names]);
          assertEquals(files.map((path) => Deno.readTextFileSync(path)), before);
          const left = Array.from(Deno.readDirSync(`${folder.path}/results`), ({ name }) => name);
          assertEquals(left.length, 1);
        });
      }
    }
  }
});

Deno.test("rebuildFiles() leaves a file alone that other jobs write to", async () => {
  await using _folder = await enterFolder();
  const shared = { fn: square, argsList: 2, resultsTimestamp: false };
  const { paths } = await runJob({ ...shared });
  const { id } = await runJob({ ...shared });
  assertEquals(readLines(paths.results).length, 4);
  const error = await assertRejects(() => rebuildFiles(paths.folder), UsageError);
  assertEquals(
    error.message,
    `Cannot rebuild the files of job ${paths.folder.split("/").at(-1)}: other jobs write to them ` +
      `too (results_timestamp is false), use dl_jobs results ${
        paths.folder.split("/").at(-1)
      } > FILE`,
  );
  assertEquals([readLines(paths.results).length, id === paths.folder], [4, false]);
});

Deno.test("resume() appends to a file that other jobs write to", async (t) => {
  for (const ordered of [true, false]) {
    await t.step(`ordered: ${ordered}`, async () => {
      await using _folder = await enterFolder();
      const shared = { fn: square, resultsTimestamp: false, ordered, suppress: ["is shared with"] };
      await runJob({ ...shared, argsList: 3, name: "square" });
      const stop = new AbortController();
      const outputSinks = [{ write: () => stop.abort() }];
      const options = { ...shared, argsList: new Set(Array(50_000).keys()), name: "square" };
      const { paths, canceled } = await runJob(options, { outputSinks, stop: stop.signal });
      const source = { kind: "number", length: 50_000 };
      Deno.writeTextFileSync(
        `${paths.folder}/job.json`,
        JSON.stringify({ ...recordOf(paths.folder), source }),
      );
      assert(canceled >= 0);
      await resumeJob(paths.folder);
      const lines = [...squares(3), ...squares(50_000)].map((value) => JSON.stringify(value));
      const found = readLines(paths.results);
      assert((ordered ? found : found.sort()).join() === (ordered ? lines : lines.sort()).join());
      // One that was torn off leaves no torn line.
      kill(paths.folder);
      Deno.writeTextFileSync(paths.results!, '{"torn', { append: true });
      await resumeJob(paths.folder);
      assertEquals(readLines(paths.results).length, 50_003);
      assertEquals(Deno.readTextFileSync(paths.results!).at(-1), "\n");
    });
  }
});

Deno.test("resume() with nothing to do leaves the files as they are", async () => {
  await using _folder = await enterFolder();
  const { paths } = await runJob({ fn: square, argsList: 20 });
  const inode = Deno.statSync(paths.results!).ino;
  const { total, succeeded } = await resumeJob(paths.folder);
  assertEquals([total, succeeded], [20, 20]);
  assertEquals(Deno.statSync(paths.results!).ino, inode);
  // One that is gone is made again.
  Deno.removeSync(paths.results!);
  await resumeJob(paths.folder);
  assertEquals(readLines(paths.results).length, 20);
});

Deno.test("resume() says nothing of an old end while it runs", async () => {
  await using _folder = await enterFolder();
  const stop = new AbortController();
  const fn = async (x: number) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return x;
  };
  const outputSinks = [{ write: () => stop.abort() }];
  const first = await runJob({ fn, argsList: 100 }, { outputSinks, stop: stop.signal });
  assertEquals([first.isInterrupted, first.succeeded + first.canceled], [true, first.total]);
  assertEquals(recordOf(first.paths.folder).state, "canceled");
  const states: unknown[] = [];
  const watch = { write: () => void states.push(recordOf(first.paths.folder).state) };
  const last = await resumeJob(first.paths.folder, { outputSinks: [watch] });
  assertEquals([last.total, last.succeeded, last.canceled], [100, 100, 0]);
  assertEquals([...new Set(states)], [undefined]);
  assertEquals(recordOf(first.paths.folder).state, "succeeded");
});

Deno.test("resume() goes on with the attempts that a task has left, and with what they may take", async () => {
  await using _folder = await enterFolder();
  const fn = async (x: number) => {
    await new Promise((resolve) => setTimeout(resolve, x));
    return x;
  };
  // It needs more than five times the timeout, and in the end has 25 times that.
  const options = { timeout: 0.1, maxAttempts: 3, retry: { timeout: "3 x5" }, backoff: 0 };
  const { paths } = await runJob({ fn, argsList: [600, 1], ...options });
  const types = () =>
    readEvents(paths.folder).filter(({ id }) => id === 0)
      .map(({ attempt, type }) => `${attempt} ${type}`);
  assertEquals(types(), ["1 retried", "2 retried", "3 succeeded"]);
  kill(paths.folder, { events: ({ id, attempt }) => id === 1 || attempt < 3 });
  assertEquals((await resumeJob(paths.folder)).succeeded, 2);
  assertEquals(types(), ["1 retried", "2 retried", "3 succeeded"]);
});

Deno.test("resume() does not forget that attempts were used up", async () => {
  await using _folder = await enterFolder();
  const fn = () => {
    throw new Error("always");
  };
  const { paths } = await runJob({ fn, argsList: 1, maxAttempts: 3, backoff: 0 });
  kill(paths.folder, { events: ({ attempt }) => attempt < 3 });
  assertEquals((await resumeJob(paths.folder)).failed, 1);
  const error = { message: "always", type: "Error", class: "error" };
  assertEquals(bare(readEvents(paths.folder)), [
    { id: 0, attempt: 1, type: "retried", error },
    { id: 0, attempt: 2, type: "retried", error },
    { id: 0, attempt: 3, type: "failed", error },
  ]);
});

Deno.test("a stop leaves a task open that has attempts left", async () => {
  await using _folder = await enterFolder();
  const stop = new AbortController();
  const fn = async (path: string) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    try {
      Deno.openSync(path, { write: true, createNew: true }).close();
    } catch {
      return "twice";
    }
    if (path === "a") return "once";
    throw new Error("the first time");
  };
  const outputSinks = [{ write: () => stop.abort() }];
  const list = ["a", "b"];
  const options = { fn, argsList: list, concurrency: 2, workers: 1, maxAttempts: 2, backoff: 0 };
  const first = await runJob(options, { outputSinks, stop: stop.signal });
  assertEquals([first.succeeded, first.failed, first.canceled], [1, 0, 1]);
  const last = await resumeJob(first.paths.folder);
  assertEquals([last.succeeded, last.failed], [2, 0]);
  assertEquals(
    readEvents(last.paths.folder).map(({ id, attempt, type }) => `${id} ${attempt} ${type}`).sort(),
    ["0 1 succeeded", "1 1 retried", "1 2 succeeded"],
  );
});

const FAILS_UNTIL = `
  export const task = ({ x, path }) => {
    try {
      Deno.statSync(path);
    } catch {
      if (x === 1) throw new RangeError("one is odd");
      if (x === 3) throw new TypeError("three is odd");
    }
    return x;
  };`;

Deno.test("retry tries again what failed, or the part of it that matches", async () => {
  await using folder = await enterFolder({ "work.ts": FAILS_UNTIL });
  const input = [0, 1, 2, 3].map((x) => JSON.stringify({ x, path: `${folder.path}/mended` }) + "\n")
    .join("");
  const first = await cli(["map", "work.ts#task", "-"], { input });
  assertEquals([first.code, first.stdout.split("\n").sort().join()], [1, ",0,2"]);
  await folder.write("mended", "");
  const counts = async (args: string[]) => {
    const { code, stdout } = await cli([...args, "--json"]);
    const { succeeded, failed } = JSON.parse(stdout);
    return [code, succeeded, failed];
  };
  // What failed stays failed for resume.
  assertEquals(await counts(["resume"]), [1, 2, 2]);
  assertEquals(await counts(["retry", "--failed-with", "^error Type.*three"]), [1, 3, 1]);
  const [error] = readLines(JSON.parse((await cli(["status", "--json"])).stdout).files.errors);
  assertEquals(JSON.parse(error!).ERROR, "one is odd");
  assertEquals(await counts(["retry", "last"]), [0, 4, 0]);
  const events = readEvents(await lastFolder());
  assertEquals(
    events.filter(({ id }) => id === 3).map(({ attempt, type }) => `${attempt} ${type}`),
    [
      ...["1 failed", "1 queued", "2 succeeded"],
    ],
  );
  const wrong = await cli(["retry", "--failed-with", "("]);
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, 'Error: Cannot use --failed-with "(": ');
});

Deno.test("of two resumes at once one works, and the other says who has the job", async () => {
  await using folder = await enterFolder({
    "work.ts": `export const task = async (path) => {
      Deno.writeTextFileSync(path, "");
      while (!exists(path + ".go")) await new Promise((resolve) => setTimeout(resolve, 10));
      return 1;
    };
    function exists(path) { try { return Deno.statSync(path) && true; } catch { return false; } }`,
  });
  const path = `${folder.path}/begun`;
  Deno.writeTextFileSync(`${path}.go`, "");
  await cli(["map", "work.ts#task", "-"], { input: `"${path}"\n` });
  kill(await lastFolder(), { events: () => false });
  Deno.removeSync(path);
  Deno.removeSync(`${path}.go`);
  const first = startCli(["resume"]);
  const end = endOf(first);
  await until(() => exists(path), "the first one works");
  const second = await cli(["resume"]);
  const { holder } = JSON.parse((await cli(["status", "--json"])).stdout);
  assertEquals(holder.pid, first.pid);
  const id = (await listJobs()).at(-1)!;
  assertEquals([second.code, second.stdout, second.stderr], [
    2,
    "",
    `Error: Cannot take job ${id}: process ${first.pid} has had it since ${holder.since}, ` +
    `wait for it or end it with dl_jobs cancel ${id}\n`,
  ]);
  Deno.writeTextFileSync(`${path}.go`, "");
  await first.stdin.close();
  assertEquals((await end).code, 0);
  assertResults(await lastFolder(), [1]);
});
