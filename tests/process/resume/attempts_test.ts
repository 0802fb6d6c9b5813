/**
 * The attempts, the state and the controller of a job that is resumed.
 *
 * @module
 */

import { resumeJob } from "../../../lib/job/resume/resume.ts";
import { listJobs } from "../../../lib/job_dir/find.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { exists } from "../../../lib/util/files/fs.ts";
import { until } from "../../../tools/support/until.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../../support/assert.ts";
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
} from "../../support/jobs.ts";
import { lastFolder } from "./squares.ts";

Deno.test("the record of a resumed job has no end while the job runs", async () => {
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

Deno.test("resume() keeps a task's remaining attempts and their limits", async () => {
  await using _folder = await enterFolder();
  const fn = async (x: number) => {
    await new Promise((resolve) => setTimeout(resolve, x));
    return x;
  };
  // The task needs more than nine times the timeout. The last attempt has 81 times the timeout.
  const options = { timeout: 0.1, maxAttempts: 3, retry: { timeout: "3 x9" }, backoff: 0 };
  const { paths } = await runJob({ fn, argsList: [1000, 1], ...options });
  const types = () =>
    readEvents(paths.folder).filter(({ id }) => id === 0)
      .map(({ attempt, type }) => `${attempt} ${type}`);
  assertEquals(types(), ["1 retried", "2 retried", "3 succeeded"]);
  kill(paths.folder, { events: ({ id, attempt }) => id === 1 || attempt < 3 });
  assertEquals((await resumeJob(paths.folder)).succeeded, 2);
  assertEquals(types(), ["1 retried", "2 retried", "3 succeeded"]);
});

Deno.test("resume() counts the attempts of earlier runs", async () => {
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

Deno.test("a stop leaves a task pending that has attempts left", async () => {
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

Deno.test("retry runs the failed tasks again, or only those that match a filter", async () => {
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
  // resume does not retry failed tasks.
  assertEquals(await counts(["resume"]), [1, 2, 2]);
  assertEquals(await counts(["retry", "--failed-with", "^error Type.*three"]), [1, 3, 1]);
  const [error] = readLines(JSON.parse((await cli(["status", "--json"])).stdout).files.errors);
  assertEquals(JSON.parse(error!).ERROR, "one is odd");
  assertEquals(await counts(["retry", "--task", "3", "--failed-with", "one"]), [1, 3, 1]);
  assertEquals(await counts(["retry", "--task", "0,1"]), [0, 4, 0]);
  const events = readEvents(await lastFolder());
  assertEquals(
    events.filter(({ id }) => id === 3).map(({ attempt, type }) => `${attempt} ${type}`),
    [
      ...["1 failed", "1 queued", "2 succeeded"],
    ],
  );
  const cases: [args: string[], text: string][] = [
    [["--failed-with", "("], 'Error: Cannot use --failed-with "(": '],
    [["--task", "1,x"], "Error: Cannot use --task x: write numbers of tasks, see dl_jobs errors\n"],
    [["--task", "4"], "Error: Cannot find task 4: the list of job "],
  ];
  for (const [args, text] of cases) {
    const wrong = await cli(["retry", ...args]);
    assertEquals(wrong.code, 2);
    assertStringIncludes(wrong.stderr, text);
  }
});

Deno.test("an error that the option final matches has no further attempt", async () => {
  await using _folder = await enterFolder();
  const fn = (x: string, ctx: { attempt: number }) => {
    if (ctx.attempt < 3 || x === "lost") throw new TypeError(x);
    return ctx.attempt;
  };
  const options = { maxAttempts: 3, backoff: 0, final: "^error TypeError: (gone|lost)$" };
  const { paths } = await runJob({ fn, argsList: ["gone", "lost", "late"], ...options });
  const types = () =>
    [0, 1, 2].map((task) =>
      readEvents(paths.folder).filter(({ id }) => id === task).map(({ type }) => type).join()
    );
  assertEquals(types(), ["failed", "failed", "retried,retried,succeeded"]);
  const move = { final: "lost" };
  await resumeJob(paths.folder, { retryFilter: () => true, move });
  assertEquals(types().map((all) => all.split("queued,")[1]), [
    "retried,succeeded",
    "failed",
    undefined,
  ]);
  const code = () => runJob({ fn, argsList: [""], final: "(" });
  const { message } = await assertRejects(code, UsageError);
  assertStringIncludes(message, 'Cannot use final "(": Invalid regular expression');
});

Deno.test("of two concurrent resumes, one runs and the other names the process that has the job", async () => {
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
    `Error: Cannot lock job ${id}: process ${first.pid} has been running it since ${holder.since}, ` +
    `wait for it or end it with dl_jobs cancel ${id}\n`,
  ]);
  Deno.writeTextFileSync(`${path}.go`, "");
  await first.stdin.close();
  assertEquals((await end).code, 0);
  assertResults(await lastFolder(), [1]);
});
