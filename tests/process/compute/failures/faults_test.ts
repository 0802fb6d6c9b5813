/**
 * Jobs on a platform that loses answers, machines, results and functions.
 *
 * @module
 */

import type { JobOptions } from "../../../../lib/job/options/options.ts";
import type { Fault } from "../../../../tools/compute_server/mod.ts";
import { until } from "../../../../tools/support/until.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../../../support/assert.ts";
import { readEvents, readLines } from "../../../support/jobs.ts";
import { assertWhole, begin, jobFolder, LIMIT_MS, run, test } from "./jobs.ts";

const FAULTS: readonly (readonly [name: string, faults: readonly Fault[]])[] = [
  ["a submission whose answer is lost before it is done", [
    { type: "drop", when: "before", on: "POST /jobs/bulk", times: 2 },
  ]],
  ["a submission whose answer is lost after it is done", [
    { type: "drop", when: "after", on: "POST /jobs/bulk", times: 2 },
  ]],
  ["a submission that fails after it is done", [
    { type: "status", status: 500, after: true, on: "POST /jobs/bulk", times: 2 },
  ]],
  ["a function whose answer is lost before it is created", [
    { type: "drop", when: "before", on: "POST /functions", times: 1 },
  ]],
  ["a function whose answer is lost after it is created", [
    { type: "drop", when: "after", on: "POST /functions", times: 1 },
  ]],
  ["a function that is created with an error", [
    { type: "status", status: 502, after: true, on: "POST /functions", times: 1 },
  ]],
  ["uploads that are cut", [
    { type: "drop", when: "before", on: "PUT /bucket/{id}", times: 1 },
    { type: "drop", when: "after", on: "PUT /bucket/{id}", times: 1 },
    { type: "drop", when: "after", on: "POST /functions/{id}/bundle", times: 1 },
  ]],
  ["too many requests, with and without a time", [
    { type: "status", status: 429, on: "GET /jobs", times: 2 },
    { type: "status", status: 429, retryAfter: 1, on: "POST /jobs/bulk", times: 1 },
    { type: "status", status: 503, on: "GET /functions", times: 1 },
  ]],
  ["results and logs that do not come", [
    { type: "status", status: 500, on: "GET /storage/download/{id}", times: 2 },
    { type: "drop", when: "before", on: "GET /bucket/{id}", times: 2 },
    { type: "drop", when: "after", on: "GET /jobs/{id}/log", times: 2 },
  ]],
  ["answers that are slow", [{ type: "slow", ms: 50 }]],
  ["tokens that end in the middle", [
    { type: "expire", on: "GET /jobs", times: 1 },
    { type: "expire", on: "POST /jobs/bulk", times: 1 },
  ]],
  ["a submission that is answered in another order", [{ type: "shuffle" }]],
];

for (const [name, faults] of FAULTS) {
  test(`survives ${name}`, async ({ server }) => {
    const added = faults.map((fault) => server.faults.add(fault));
    const { succeeded } = await run(40);
    assertEquals(succeeded, 40);
    await assertWhole(40);
    for (const { happened } of added) assert(happened > 0, "it has happened");
    const { jobs, executions } = server.counts;
    assertEquals([server.functions.size, jobs, executions], [1, 8, 8]);
    // The platform keeps no jobs whose events are in the journal.
    assertEquals(server.jobs.size, 0);
  });
}

test("a platform job whose machine is lost is started again", async ({ server }) => {
  const taken = server.faults.add({ type: "preempt", times: 2 });
  assertEquals((await run(40)).succeeded, 40);
  await assertWhole(40);
  assertEquals([taken.happened, server.counts.jobs, server.counts.executions], [2, 8, 10]);
});

test("tasks whose results are lost are run again", async ({ server }) => {
  const lost = server.faults.add({ type: "lose", times: 1 });
  assertEquals((await run(40)).succeeded, 40);
  await assertWhole(40);
  assertEquals([lost.happened, server.counts.jobs], [1, 9]);
  const types = readEvents(await jobFolder()).map(({ type }) => type);
  assertEquals(types.filter((type) => type === "lost").length, 5);
});

test("a build that fails reports its reason, and the next job builds again", async ({ server }) => {
  server.faults.add({ type: "build", times: 1 });
  const error = await assertRejects(() => run(40), Error);
  assertMatch(
    error.message,
    /the build of dl_jobs-[\da-f]{16} failed.*\n.*The image could not be made/s,
  );
  assertEquals((await run(40)).succeeded, 40);
  assertEquals([server.functions.size, server.counts.functions], [1, 2]);
});

test("a function that was removed is created again", async ({ server, path }) => {
  const { end } = await begin(10, "fickle", "--max_attempts", "2", "--backoff", "0");
  await until(() => readLines("ran").length >= 2, "both platform jobs run", LIMIT_MS);
  for (const id of server.functions.keys()) (server.functions as Map<string, unknown>).delete(id);
  await Deno.writeTextFile(`${path}/go`, "");
  const { code, stderr } = await end;
  assertEquals(code, 0, stderr);
  await assertWhole(10);
  assertEquals([server.counts.functions, server.counts.jobs], [2, 4]);
});

test("platform jobs that were removed or ended are run again", async ({ server, path }) => {
  const { end } = await begin(20, "held");
  await until(() => readLines("ran").length > 0, "a task begins", LIMIT_MS);
  const open = server.jobs.values().toArray().map(({ wire }) => wire);
  const waiting = open.filter(({ status }) => status === "pending").map(({ id }) => id);
  assertEquals(open.length, 4);
  (server.jobs as Map<string, unknown>).delete(waiting[0]!);
  await Deno.writeTextFile(`${path}/go`, "");
  assertEquals((await end).code, 0);
  await assertWhole(20);
});

test("a task that kills its platform job does not fail other tasks", async ({ server }) => {
  const { succeeded, failed } = await run(10, { methodName: "breaks" });
  assertEquals([succeeded, failed], [9, 1]);
  const [failure] = readEvents(await jobFolder()).filter(({ type }) => type === "failed");
  assertEquals(failure?.id, 5);
  assertMatch(
    JSON.stringify(failure),
    /its platform job .* ended with status failure.*"class":"oom"/,
  );
  assert(server.counts.jobs > 2);
});

test("10,000 tasks with 5 % of all answers failing", async ({ server }) => {
  const broken = server.faults.add({ type: "status", status: 500, probability: 0.025 });
  const cut = server.faults.add({ type: "drop", when: "after", probability: 0.025 });
  const { succeeded } = await run(10_000, {
    chunk: 250,
    compute: "poll=0.05,maximum_concurrency=4",
  } as unknown as JobOptions);
  assertEquals(succeeded, 10_000);
  await assertWhole(10_000);
  assert(broken.happened + cut.happened > 0, `${broken.happened} and ${cut.happened}`);
  assertEquals([server.functions.size, server.counts.jobs], [1, 40]);
});
