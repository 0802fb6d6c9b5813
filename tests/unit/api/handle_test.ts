/**
 * A job by its folder: its state, its counts, its first results and its logs.
 *
 * @module
 */

import { firstResults } from "../../../lib/api/first_results.ts";
import { Handle } from "../../../lib/api/handle.ts";
import { handleOf } from "../../../lib/api/job_like.ts";
import { cancel, logs, resume, retry, status } from "../../../lib/api/history.ts";
import { results } from "../../../lib/api/results.ts";
import { job, local } from "../../../lib/api/shorthand.ts";
import { Logs } from "../../../lib/api/logs.ts";
import { JobLock } from "../../../lib/job_dir/lock.ts";
import { readState } from "../../../lib/job_dir/state.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { UsageError } from "../../../mod.ts";
import { enterFolder } from "../../support/jobs.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../../support/assert.ts";

const ID = "20260101T000000-000aaa";
const HEAD = `{"journal":2,"job":"${ID}"}\n`;
const FAILED =
  '{"id":3,"attempt":1,"type":"failed","ms":1,"error":{"message":"no","type":"Error","class":"error"}}\n';
const BLOCK = '{"id":0,"count":3,"bytes":6}\n0\n1\n4\n';

/** Creates the folder of a job with some files. */
async function makeJob(files: Record<string, string>, record: Record<string, unknown> = {}) {
  const started = new Date().toISOString();
  const all = { id: ID, name: "square", engine: "local", started, files: {}, ...record };
  return await makeFolder({ "job.json": JSON.stringify(all), ...files });
}

Deno.test("Handle reads the state and the counts of a job, as readState() does", async (t) => {
  const tasks = "0\n1\n2\n3\n4\n";
  const counts = { total: 5, succeeded: 5, failed: 0 };
  const cases: [name: string, files: Record<string, string>, record: Record<string, unknown>][] = [
    ["ended", {}, { state: "succeeded", counts }],
    ["not begun", {}, { length: 5 }],
    ["died", { "events.ndjson": HEAD + BLOCK + FAILED, "tasks.ndjson": tasks }, {}],
    [
      "died within a block",
      { "events.ndjson": HEAD + BLOCK.slice(0, -2), "tasks.ndjson": tasks },
      {},
    ],
    [
      "died within a line",
      { "events.ndjson": HEAD + FAILED.slice(0, 20), "tasks.ndjson": tasks },
      {},
    ],
  ];
  const expected = [
    ["succeeded", counts],
    ["interrupted", { total: 5, succeeded: 0, failed: 0 }],
    ["interrupted", { total: 5, succeeded: 3, failed: 1 }],
    ["interrupted", { total: 5, succeeded: 0, failed: 0 }],
    ["interrupted", { total: 5, succeeded: 0, failed: 0 }],
  ];
  for (const [i, [name, files, record]] of cases.entries()) {
    await t.step(name, async () => {
      await using folder = await makeJob(files, record);
      const handle = new Handle(folder.path);
      assertEquals([handle.state, handle.counts], expected[i]);
      const { state, counts } = readState(folder.path, handle.record);
      assertEquals([state, counts], expected[i]);
    });
  }
});

Deno.test("Handle counts a journal that is longer than a chunk of it", async () => {
  const result = `"${"x".repeat(100_000)}"\n`;
  const block = `{"id":0,"count":30,"bytes":${30 * result.length}}\n${result.repeat(30)}`;
  await using folder = await makeJob({ "events.ndjson": HEAD + block + '{"id":30,"result":1}\n' });
  assertEquals(new Handle(folder.path).counts, { total: 31, succeeded: 31, failed: 0 });
});

Deno.test("Handle is running while a process has the job's lock", async () => {
  await using folder = await makeJob({
    "events.ndjson": HEAD + BLOCK,
    "tasks.ndjson": "0\n1\n2\n3\n",
  });
  const handle = new Handle(folder.path);
  {
    using _lock = await JobLock.take(folder.path);
    assertEquals(handle.state, "running");
    assertMatch(Deno.inspect(handle), /^square: job .* on local, running\n {2}3 of \? done/);
  }
  assertEquals(
    Deno.inspect(handle),
    `square: job ${handle.id} on local, interrupted\n  3 of 4 tasks read so far succeeded, 0 failed`,
  );
});

Deno.test("firstResults() returns the results of the first tasks", async () => {
  const events = `${HEAD}{"id":7,"result":49}\n${BLOCK}${FAILED}{"id":4,"result":`;
  await using folder = await makeJob({ "events.ndjson": events });
  assertEquals(firstResults(folder.path, 2), [0, 1]);
  assertEquals(firstResults(folder.path, 9), [0, 1, 4, 49]);
});

Deno.test("Logs shows the last 20 lines, and iterates over all", async () => {
  const line = (id: number) =>
    JSON.stringify({ id, attempt: 1, stream: "stdout", text: `${id}!\n` });
  const lines = Array.from({ length: 25 }, (_, id) => `${line(id)}\n`).join("");
  await using folder = await makeFolder({ "logs.ndjson": `${lines}{"id":` });
  const logs = new Logs(folder.path);
  const shown = Array.from({ length: 20 }, (_, i) => `${i + 5}: ${i + 5}!`).join("\n");
  assertEquals(Deno.inspect(logs), shown);
  assertEquals((await Array.fromAsync(logs)).length, 25);
  await using empty = await makeFolder();
  assertEquals(Deno.inspect(new Logs(empty.path)), "The tasks wrote nothing");
});

Deno.test("handleOf() explains why no job matches", () => {
  const { message } = assertThrows(
    () => handleOf(job((x: number) => x, { name: "a" })),
    UsageError,
  );
  assertEquals(
    message,
    "Cannot find a run of job a: it has not been started, call local(job) or await submit(job)",
  );
  const promised = assertThrows(() => handleOf(Promise.resolve() as never), UsageError);
  assertStringIncludes(promised.message, ": await it first");
  const other = assertThrows(() => handleOf(3 as never), UsageError);
  assertEquals(
    other.message,
    'Cannot find the job of 3: pass an id, a job, a run, a handle or "last"',
  );
  const long = assertThrows(() => handleOf({ a: { b: { c: "d".repeat(300) } } } as never));
  assert(long instanceof Error && long.message.length < 100, String(long));
});

Deno.test("a job that is undefined is not the last job", async (t) => {
  const none = [][0] as undefined;
  const calls = { results, status, logs, cancel, retry, resume };
  for (const [name, call] of Object.entries(calls)) {
    await t.step(name, async () => {
      const { message } = await assertRejects(async () => await call(none), UsageError);
      assertStringIncludes(message, "Cannot find the job of undefined: pass an id");
    });
  }
});

Deno.test("the helpers accept the summary of a run", async () => {
  await using _folder = await enterFolder();
  const summary = await local(job((x: number) => x * 2, { argsList: 3, quiet: true }));
  assertEquals((await results<number>(summary)).toSorted(), [0, 2, 4]);
  assertEquals(status(summary).id, summary.id);
});
