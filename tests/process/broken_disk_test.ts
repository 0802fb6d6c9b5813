/**
 * Disks that report errors, and file systems without locks.
 *
 * @module
 */

import { Job } from "../../mod.ts";
import { listJobs } from "../../lib/job_dir/find.ts";
import { jobFiles, jobFolder } from "../../lib/job_dir/layout.ts";
import { holderOf } from "../../lib/job_dir/lock.ts";
import { basename } from "../../lib/util/paths.ts";
import { until } from "../../tools/support/until.ts";
import { assertEquals, assertMatch, assertRejects } from "../support/assert.ts";
import { breakCalls, type BrokenCalls, ERRNO, whyNotBroken } from "../support/broken_calls.ts";
import {
  cli,
  endOf,
  enterFolder,
  Mark,
  readEvents,
  readLines,
  recordOf,
  startCli,
} from "../support/jobs.ts";
import { skipSuffix } from "../support/programs.ts";

const ignore = whyNotBroken !== undefined, suffix = skipSuffix(whyNotBroken);

const FILES = {
  "task.ts": `export const double = (x: number) => 2 * x;
export const large = (x: number) => "x".repeat(x * 2 ** 20);
export async function slow(x: number) {
  while (!hasFile("go")) await new Promise((resolve) => setTimeout(resolve, 20));
  return 2 * x;
}
function hasFile(name: string) {
  try {
    return Deno.statSync(name).isFile;
  } catch {
    return false;
  }
}
`,
  "in.ndjson": "1\n2\n3\n",
  "out.ndjson": "old\n",
};
const MAP = ["map", "task.ts#double", "in.ndjson", "--output", "out.ndjson", "-q"];
const DOUBLED = ["2", "4", "6"];

function lastFolder(): string {
  return jobFolder(listJobs().at(-1)!);
}

Deno.test({
  name: `a failed sync is an error, and the job has not ended${suffix}`,
  ignore,
  async fn(t) {
    await using library = await breakCalls();
    for (const at of ["events.ndjson", "tasks.ndjson", "out.ndjson", "job.json"]) {
      await t.step(at, async () => {
        await using _folder = await enterFolder(FILES);
        const { code, stderr } = await cli(MAP, { env: library.env({ fsync: ERRNO.EIO, at }) });
        assertEquals(code, 1);
        assertMatch(stderr, /Input\/output error \(os error 5\)/);
        for (const id of listJobs()) assertEquals(recordOf(jobFolder(id)).state, undefined);
        if (at === "job.json") {
          return assertEquals([listJobs(), readLines("out.ndjson")], [[], ["old"]]);
        }
        assertEquals((await cli(["resume", "-q"])).code, 0);
        assertEquals(recordOf(lastFolder()).state, "succeeded");
        assertEquals(readLines("out.ndjson").sort(), DOUBLED);
      });
    }
  },
});

Deno.test({
  name: `a sync that fails while the job runs is an error, although the next one succeeds${suffix}`,
  ignore,
  async fn(t) {
    await using library = await breakCalls();
    for (const at of ["events.ndjson", "out.ndjson"]) {
      await t.step(at, async () => {
        await using _folder = await enterFolder({ ...FILES, "in.ndjson": "1\n".repeat(24) });
        const env = library.env({ fsync: ERRNO.EIO, at, once: true });
        const large = ["map", "task.ts#large", ...MAP.slice(2)];
        const { code, stderr } = await cli(large, { env });
        assertEquals([code, /Cannot sync .*\(os error 5\)/.test(stderr)], [1, true], stderr);
        assertEquals(recordOf(lastFolder()).state, undefined);
        assertEquals((await cli(["resume", "-q"])).code, 0);
        assertEquals(readLines("out.ndjson").length, 24);
      });
    }
  },
});

Deno.test({
  name: `a journal that cannot be synced says what may be lost${suffix}`,
  ignore,
  async fn() {
    await using library = await breakCalls();
    await using folder = await enterFolder(FILES);
    const { stderr } = await cli(MAP, {
      env: library.env({ fsync: ERRNO.EIO, at: "events.ndjson" }),
    });
    const { events } = jobFiles(`${folder.path}/.dl_jobs/${listJobs().at(-1)}`);
    assertEquals(
      stderr,
      `Error: Cannot sync ${events}: Input/output error (os error 5), the events of the last second ` +
        "may be lost; check the disk and continue with dl_jobs resume\n",
    );
  },
});

Deno.test({
  name: `the error of a sync names the file or the folder${suffix}`,
  ignore,
  async fn(t) {
    await using library = await breakCalls();
    await using folder = await enterFolder(FILES);
    const cases: [name: string, broken: Omit<BrokenCalls, "fsync">, path: string][] = [
      ["the list", { at: "tasks.sums" }, "/tasks.ndjson"],
      ["the folder of a job", { at: `${folder.path}/.dl_jobs/`, foldersOnly: true }, ""],
    ];
    for (const [name, broken, path] of cases) {
      await t.step(name, async () => {
        const { stderr } = await cli(MAP, { env: library.env({ fsync: ERRNO.EIO, ...broken }) });
        assertEquals(
          stderr,
          `Error: Cannot sync ${folder.path}/.dl_jobs/${listJobs().at(-1)}${path}: Input/output ` +
            "error (os error 5), check the disk and continue with dl_jobs resume\n",
        );
      });
    }
  },
});

Deno.test({
  name: `a list that the disk cannot read keeps its lines and checksums${suffix}`,
  ignore,
  async fn(t) {
    await using library = await breakCalls();
    for (const at of ["/tasks.ndjson", "/tasks.sums"]) {
      await t.step(at, async () => {
        await using _folder = await enterFolder(FILES);
        const args = ["map", "task.ts#slow", "-", "--output", "out.ndjson"];
        const first = startCli(args), ended = endOf(first, "1\n2\n3\n");
        await until(() => listJobs().length === 1 && holderOf(lastFolder()), "it has started");
        const { tasks, sums } = jobFiles(lastFolder());
        await until(() => readLines(tasks).length === 3, "the list is recorded");
        first.kill("SIGKILL");
        await ended;
        await Deno.writeTextFile("go", "");
        const before = [readLines(tasks), readLines(sums)];
        await cli(["resume", "-q"], { env: library.env({ stat: ERRNO.EIO, at }) });
        assertEquals([readLines(tasks), readLines(sums)], before);
        assertEquals((await cli(["resume", "-q"])).code, 0);
        assertEquals(readLines("out.ndjson").sort(), DOUBLED);
        assertEquals((await cli(["verify"])).code, 0);
      });
    }
  },
});

Deno.test({
  name: `a file that the disk cannot read is not a missing one${suffix}`,
  ignore,
  async fn(t) {
    await using library = await breakCalls();
    await using folder = await enterFolder(FILES);
    assertEquals((await cli(MAP)).code, 0);
    const id = listJobs()[0]!, job = lastFolder(), out = `${folder.path}/out.ndjson`;
    const cannot = (path: string) =>
      `Cannot read ${path}: Input/output error (os error 5), check the disk and try again`;
    const lines = (text: string) => text.replaceAll(/ {2,}/g, " ");
    const cases: [args: string[], at: string, path: string][] = [
      [["verify"], "/bundle.js", `bundle.js DAMAGED: ${cannot(`${job}/bundle.js`)}`],
      [["verify"], "/tasks.sums", `tasks.ndjson DAMAGED: ${cannot(`${job}/tasks.sums`)}`],
      [["verify"], "/spans.ndjson", `spans.ndjson DAMAGED: ${cannot(`${job}/spans.ndjson`)}`],
      [["verify"], "/out.ndjson", `out.ndjson DAMAGED: ${cannot(out)}`],
      [["retry", id], "/lock", `Error: ${cannot(`${job}/lock`)}`],
      [["rm", "--yes", id], "/lock", `Error: ${cannot(`${job}/lock`)}`],
    ];
    for (const [args, at, text] of cases) {
      await t.step(`${args[0]}: ${at}`, async () => {
        const env = library.env({ stat: ERRNO.EIO, at });
        const { code, stdout, stderr } = await cli(args, { env });
        assertEquals([code, lines(stdout + stderr).includes(text)], [1, true], stdout + stderr);
        assertEquals(listJobs(), [id]);
      });
    }
    await t.step("jobs are listed", async () => {
      const env = library.env({ stat: ERRNO.EIO, at: `/${id}/` });
      const { code, stdout } = await cli(["jobs"], { env });
      assertEquals([code, stdout.includes(id)], [0, true]);
    });
  },
});

Deno.test("the error of a file of a job that cannot be replaced tells how to continue", async () => {
  await using _folder = await enterFolder(FILES);
  const first = startCli(["map", "task.ts#slow", "in.ndjson", "--output", "out.ndjson"]);
  await until(() => listJobs().length === 1 && holderOf(lastFolder()), "the job has started");
  const folder = lastFolder(), id = listJobs()[0]!, path = `${jobFiles(folder).record}.new`;
  // The record is written next when a task has ended.
  await until(() => recordOf(folder).isRead === true, "the list is recorded");
  await Deno.mkdir(path);
  await Deno.writeTextFile("go", "");
  const { code, stderr } = await endOf(first);
  const text = `Error: Cannot continue job ${id}: Is a directory (os error 21): open '${path}', ` +
    "fix this and continue with dl_jobs resume\n";
  assertEquals([code, stderr.includes(text)], [1, true], stderr);
  await Deno.remove(path).catch(() => {});
  assertEquals((await cli(["resume", "-q"])).code, 0);
  assertEquals(readLines("out.ndjson").sort(), DOUBLED);
});

Deno.test({
  name:
    `a file system that cannot sync folders is accepted, and a broken folder is an error${suffix}`,
  ignore,
  async fn() {
    await using library = await breakCalls();
    await using folder = await enterFolder(FILES);
    for (const [fsync, code] of [[ERRNO.EINVAL, 0], [ERRNO.EIO, 1]] as const) {
      const env = library.env({ fsync, at: `${folder.path}/.dl_jobs`, foldersOnly: true });
      const done = await cli(MAP, { env });
      assertEquals([done.code, done.stderr.includes("os error 5")], [code, code === 1]);
      assertEquals(recordOf(lastFolder()).state, code === 0 ? "succeeded" : undefined);
    }
  },
});

for (
  const [name, errno] of Object.entries(ERRNO).filter(([name]) => /NOLCK|NOSYS|NOTSUPP/.test(name))
) {
  Deno.test({
    name: `without flock (${name}), one process at a time runs a job${suffix}`,
    ignore,
    async fn() {
      await using library = await breakCalls();
      await using folder = await enterFolder(FILES);
      const env = library.env({ flock: errno }), mark = new Mark();
      const first = startCli(["map", "task.ts#slow", "in.ndjson", "--output", "out.ndjson"], {
        env: { ...env, ...mark.env },
      });
      await until(() => listJobs().length === 1 && holderOf(lastFolder()), "the job has started");
      const id = listJobs()[0]!;
      assertEquals(holderOf(lastFolder())?.pid, first.pid);
      const second = await cli(["resume"], { env });
      assertEquals(second.code, 2);
      assertMatch(
        second.stderr,
        new RegExp(`^Error: Cannot lock job ${id}: process ${first.pid} `),
      );
      assertEquals(JSON.parse((await cli(["status", "--json"], { env })).stdout).state, "running");
      first.kill("SIGKILL");
      await endOf(first);
      await mark.untilGone();
      assertEquals(
        JSON.parse((await cli(["status", "--json"], { env })).stdout).state,
        "interrupted",
      );
      await Deno.writeTextFile("go", "");
      const third = await cli(["resume", "-q"], { env });
      assertEquals([third.code, third.stderr], [0, ""]);
      assertEquals(readLines("out.ndjson").sort(), DOUBLED);
      const names = Array.from(Deno.readDirSync(lastFolder()), ({ name }) => name);
      assertEquals(names.filter((name) => name.startsWith("lock")), ["lock"]);
      assertEquals(folder.path, Deno.cwd());
    },
  });
}

Deno.test("a job whose lock is removed stops with an error, and can be resumed", async () => {
  await using _folder = await enterFolder(FILES);
  const first = startCli(["map", "task.ts#slow", "in.ndjson", "--output", "out.ndjson"]);
  await until(() => listJobs().length === 1 && holderOf(lastFolder()), "the job has started");
  const folder = lastFolder(), id = listJobs()[0]!;
  await Deno.remove(jobFiles(folder).lock);
  const { code, stderr } = await endOf(first);
  const text = `Error: Cannot continue job ${id}: its lock file was changed or removed; `;
  assertEquals([code, stderr.includes(text)], [1, true], stderr);
  await Deno.writeTextFile("go", "");
  assertEquals((await cli(["resume", "-q"])).code, 0);
  assertEquals(readLines("out.ndjson").sort(), DOUBLED);
  assertEquals(readEvents(folder).map(({ id }) => id).sort(), [0, 1, 2]);
});

Deno.test("a job whose files are lost while it runs stops with an error, and can be resumed", async (t) => {
  const resume = "dl_jobs resume ID runs the tasks again whose ends are lost";
  const cases: [name: string, lose: (folder: string) => void, path: string, why: string][] = [
    [
      "the journal is removed",
      (folder) => Deno.removeSync(jobFiles(folder).events),
      "/events.ndjson",
      `it was removed, replaced or cut while the job ran; ${resume}`,
    ],
    [
      "the journal is cut",
      (folder) => Deno.truncateSync(jobFiles(folder).events, 10),
      "/events.ndjson",
      `it was removed, replaced or cut while the job ran; ${resume}`,
    ],
    [
      "the list is removed",
      (folder) => Deno.removeSync(jobFiles(folder).tasks),
      "/tasks.ndjson",
      `it was removed, replaced or cut while the job ran; ${resume}`,
    ],
  ];
  for (const [name, lose, path, why] of cases) {
    await t.step(name, async () => {
      await using _folder = await enterFolder(FILES);
      const first = startCli(["map", "task.ts#slow", "in.ndjson", "--output", "out.ndjson"]);
      await until(() => listJobs().length === 1 && holderOf(lastFolder()), "the job has started");
      const folder = lastFolder(), id = listJobs()[0]!;
      await until(() => readLines(jobFiles(folder).tasks).length === 3, "the list is recorded");
      lose(folder);
      await Deno.writeTextFile("go", "");
      const { code, stderr } = await endOf(first);
      const text = `Error: Cannot write ${folder}${path}: ${why.replace("ID", id)}\n`;
      assertEquals([code, stderr.includes(text)], [1, true], stderr);
      assertEquals((await cli(["resume", "-q"])).code, 0);
      assertEquals(readLines("out.ndjson").sort(), DOUBLED);
    });
  }
});

Deno.test("the error of a job whose folder is removed masks the values of env", async () => {
  await using _folder = await enterFolder();
  const env = { NAME: basename(Deno.cwd()) };
  async function* argsList() {
    yield 1;
    await until(() => listJobs().length === 1, "the job has started");
    Deno.removeSync(lastFolder(), { recursive: true });
  }
  const job = new Job({ fn: (x: number) => x, argsList: argsList(), env, quiet: true });
  const { message } = await assertRejects(() => job.run(), Error);
  assertMatch(message, /its folder \S+ was removed or moved while it ran/);
  assertEquals(message.includes(env.NAME), false, message);
});

Deno.test("a job whose folder is moved while it runs says so, and resumes in the new place", async () => {
  await using _folder = await enterFolder(FILES);
  const first = startCli(["map", "task.ts#slow", "in.ndjson", "--output", "out.ndjson"]);
  await until(() => listJobs().length === 1 && holderOf(lastFolder()), "the job has started");
  const folder = lastFolder(), id = listJobs()[0]!;
  await Deno.rename(folder, "moved");
  const { code, stderr } = await endOf(first);
  const text =
    `Error: Cannot continue job ${id}: its folder ${folder} was removed or moved while ` +
    `it ran; where it was moved, dl_jobs resume ${id} runs the rest\n`;
  assertEquals([code, stderr.includes(text)], [1, true], stderr);
  await Deno.rename("moved", folder);
  await Deno.writeTextFile("go", "");
  assertEquals((await cli(["resume", "-q"])).code, 0);
  assertEquals(readLines("out.ndjson").sort(), DOUBLED);
});
