/**
 * Jobs on a platform whose answers are late, slow, incomplete, refused or without an order.
 *
 * @module
 */

import type { JobOptions } from "../../../../lib/job/options/options.ts";
import { listJobs } from "../../../../lib/job_dir/find.ts";
import type { Fault } from "../../../../tools/compute_server/mod.ts";
import { until } from "../../../../tools/support/until.ts";
import { assert, assertEquals, assertMatch } from "../../../support/assert.ts";
import { cli, readEvents } from "../../../support/jobs.ts";
import { assertWhole, begin, jobFolder, LIMIT_MS, run, test } from "./jobs.ts";

const LOG = "GET /jobs/{id}/log", DOWNLOAD = "GET /storage/download/{id}";

/** Each of these costs no task, and no second run of a platform job. */
const HARMLESS: readonly (readonly [name: string, faults: readonly Fault[]])[] = [
  ["results that are late, not found, refused and slow", [
    { type: "late", ms: 700 },
    { type: "status", status: 404, on: DOWNLOAD, times: 2 },
    { type: "status", status: 404, on: "GET /bucket/{id}", times: 1 },
    { type: "status", status: 403, on: "GET /bucket/{id}", times: 2 },
    { type: "pace", bytesPerSecond: 250_000, on: "GET /bucket/{id}" },
  ]],
  ["logs that are refused or do not exist", [
    { type: "status", status: 403, on: LOG, times: 1 },
    { type: "status", status: 404, on: LOG, times: 1 },
  ]],
  ["logs that never end", [{ type: "flood", on: LOG }]],
  ["rows without arguments in the answer to a submission", [
    { type: "omit", field: "args", on: "POST /jobs/bulk" },
  ]],
  ["rows without arguments anywhere", [
    { type: "omit", field: "args", value: null, on: /jobs/ },
  ]],
  ["a submission in another order without arguments", [
    { type: "shuffle", on: "POST /jobs/bulk" },
    { type: "omit", field: "args", value: null, on: /POST|GET \/jobs$/ },
  ]],
  ["a submission whose repetition is refused", [
    { type: "drop", when: "after", on: "POST /jobs/bulk", times: 1 },
    { type: "conflict" },
  ]],
  ["a repetition that is refused, and lists without arguments", [
    { type: "drop", when: "after", on: "POST /jobs/bulk", times: 1 },
    { type: "conflict" },
    { type: "omit", field: "args", on: "GET /jobs" },
  ]],
  ["functions that only the list locates", [
    { type: "omit", field: "namespace", on: /POST|PATCH|GET \/functions\/\{id\}$/ },
  ]],
];

for (const [name, faults] of HARMLESS) {
  test(`loses nothing with ${name}`, async ({ server }) => {
    const added = faults.map((fault) => server.faults.add(fault));
    assertEquals((await run(10)).succeeded, 10);
    await assertWhole(10);
    for (const { happened } of added) assert(happened > 0, "it has happened");
    assertEquals([server.counts.jobs, server.counts.executions, server.jobs.size], [2, 2, 0]);
  });
}

test("charges no task for a platform job whose slice is unknown", async ({ server }) => {
  server.faults.add({ type: "shuffle", on: "POST /jobs/bulk", times: 1 });
  server.faults.add({ type: "omit", field: "args", value: null, on: /jobs/ });
  assertEquals((await run(10)).succeeded, 10);
  await assertWhole(10);
  const types = readEvents(await jobFolder()).map(({ type }) => type);
  assertEquals([types.includes("lost"), server.counts.jobs], [false, 4]);
});

test("blames the task that kills its platform job, although its slice is unknown", async ({ server }) => {
  server.faults.add({ type: "shuffle", on: "POST /jobs/bulk", times: 1 });
  server.faults.add({ type: "omit", field: "args", value: null, on: /jobs/ });
  const { succeeded, failed } = await run(2, { methodName: "breaksOne", chunk: 1 } as JobOptions);
  assertEquals([succeeded, failed], [1, 1]);
  const [failure] = readEvents(await jobFolder()).filter(({ type }) => type === "failed");
  assertEquals(failure?.id, 1);
});

test("logs that stall hold back no result", async ({ server }) => {
  server.faults.add({ type: "stall", bytes: 10, on: LOG });
  const { process, end } = await begin(10, "quick");
  const find = async () => (await listJobs()).length > 0 && jobFolder();
  const folder = await until(find, "the job's folder", LIMIT_MS);
  await until(
    () => readEvents(folder).filter((event) => "result" in event).length === 10,
    "all results are in the journal",
    LIMIT_MS,
  );
  process.kill("SIGKILL");
  await end;
});

test("a result that stays damaged is lost, and its tasks run again", async ({ server }) => {
  const cut = server.faults.add({ type: "cut", bytes: 60, times: 1 });
  const compute = "poll=0.05,result_wait=1s";
  assertEquals((await run(10, { compute } as unknown as JobOptions)).succeeded, 10);
  await assertWhole(10);
  assertEquals([cut.happened, server.counts.jobs], [1, 3]);
});

test("a result that stays refused ends the run, and resume reads it", async ({ server }) => {
  const refused = server.faults.add({ type: "status", status: 403, on: DOWNLOAD });
  const { end } = await begin(5, "quick", "--compute", "poll=0.05,result_wait=1s");
  const { code, stderr } = await end;
  assertEquals(code, 2);
  assertMatch(stderr, /The platform refused the request: .*403 GET .*\/storage\/download/);
  refused.off();
  assertEquals((await cli(["resume", "last"])).code, 0);
  await assertWhole(5);
  assertEquals([server.counts.jobs, server.counts.executions], [1, 1]);
});

test("a platform that has no place for jobs of a function that it has ends the run", async ({ server }) => {
  const refused = server.faults.add({ type: "status", status: 404, on: "POST /jobs/bulk" });
  const { end } = await begin(5, "quick");
  const { code, stderr } = await end;
  assertEquals([code, refused.happened, server.functions.size], [2, 7, 1]);
  assertMatch(stderr, /Cannot run on the platform: .*404 POST .*\/jobs\/bulk/);
  refused.off();
  assertEquals((await cli(["resume", "last"])).code, 0);
  await assertWhole(5);
});

test("a submission whose jobs cannot be told apart is submitted again", async ({ server }) => {
  server.faults.add({ type: "drop", when: "after", on: "POST /jobs/bulk", times: 1 });
  server.faults.add({ type: "conflict" });
  server.faults.add({ type: "omit", field: "args", on: /^GET / });
  assertEquals((await run(10)).succeeded, 10);
  await assertWhole(10);
  const statuses = server.jobs.values().map(({ wire }) => wire.status).toArray();
  assertEquals([server.counts.jobs, statuses], [4, []]);
});

/** Faults of all kinds, in any combination. */
const MIXED: readonly Fault[] = [
  { type: "status", status: 500, probability: 0.025 },
  { type: "drop", when: "after", probability: 0.025 },
  { type: "omit", field: "args", value: null, on: /jobs/, probability: 0.3 },
  { type: "shuffle", probability: 0.3 },
  { type: "hide", probability: 0.1 },
  { type: "conflict", probability: 0.5 },
  { type: "late", ms: 300, probability: 0.2 },
  { type: "cut", bytes: 200, probability: 0.05 },
  { type: "preempt", probability: 0.05 },
  { type: "status", status: 403, on: LOG, probability: 0.2 },
  { type: "status", status: 404, on: LOG, probability: 0.2 },
  { type: "status", status: 404, on: DOWNLOAD, probability: 0.1 },
];
const SEED = 7;

test(`3,000 tasks while answers fail in all ways, seed ${SEED}`, async ({ server }) => {
  for (const fault of MIXED) server.faults.add(fault);
  const compute = "poll=0.05,maximum_concurrency=2,result_wait=2s";
  const options = { chunk: 250, compute } as unknown as JobOptions;
  assertEquals((await run(3000, options)).succeeded, 3000);
  await assertWhole(3000);
  assertEquals([server.functions.size, server.jobs.size], [1, 0]);
}, { seed: SEED });
