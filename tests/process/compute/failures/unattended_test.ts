/**
 * Platform jobs that must not run unattended or twice, and the functions that they leave behind.
 *
 * @module
 */

import type { JobOptions } from "../../../../lib/job/options/options.ts";
import { until, within } from "../../../../tools/support/until.ts";
import { assertEquals, assertMatch, assertRejects } from "../../../support/assert.ts";
import { cli, readLines } from "../../../support/jobs.ts";
import { assertWhole, begin, LIMIT_MS, run, test, untilCanceled } from "./jobs.ts";

test("an answer with too few rows leaves no platform job running", async ({ server }) => {
  server.faults.add({ type: "omit", field: "id", on: "POST /jobs/bulk" });
  const error = await assertRejects(() => run(10, { methodName: "held" }), Error);
  assertMatch(error.message, /did not name job 0 of 2/);
  assertEquals(server.counts.jobs, 2);
  await untilCanceled(server);
});

test("Ctrl-C during a submission leaves no platform job running", async ({ server, path }) => {
  const slow = server.faults.add({ type: "slow", ms: 1000, on: "POST /jobs/bulk", times: 1 });
  const { process, end } = await begin(10, "held", "--grace", "0.1");
  await until(() => slow.happened > 0, "the request is on its way", LIMIT_MS);
  process.kill("SIGINT");
  assertEquals((await end).code, 130);
  assertEquals(server.counts.jobs, 2);
  await untilCanceled(server);
  await Deno.writeTextFile(`${path}/go`, "");
  assertEquals((await cli(["resume", "last"])).code, 0);
  await assertWhole(10);
});

test("a second Ctrl-C ends a run whose platform asks to come back later", async ({ server }) => {
  const busy = { type: "status", status: 503, retryAfter: 100, on: "GET /functions" } as const;
  const fault = server.faults.add(busy);
  const { process, end } = await begin(5, "quick");
  await until(() => fault.happened > 0, "the platform was asked", LIMIT_MS);
  // Two signals of one kind may arrive as one.
  process.kill("SIGINT");
  process.kill("SIGTERM");
  assertEquals((await within(end, "the end", 60_000)).code, 130);
  fault.off();
  assertEquals((await cli(["resume", "last"])).code, 0);
  await assertWhole(5);
});

test("early ends of platform jobs do not end a job that has succeeded before", async ({ server }) => {
  const { end } = await begin(20, "held", "--compute", "poll=0.05,maximum_concurrency=1");
  await until(() => readLines("ran").length > 0, "the first platform job runs", LIMIT_MS);
  const taken = server.faults.add({ type: "preempt", times: 4 });
  await Deno.writeTextFile("go", "");
  const { code, stderr } = await end;
  assertEquals([code, taken.happened], [0, 4], stderr);
  await assertWhole(20);
});

test("a platform job that lists omit is not run twice", async ({ server, path }) => {
  const { end } = await begin(10, "held");
  await until(() => readLines("ran").length > 0, "a task begins", LIMIT_MS);
  const hidden = server.faults.add({ type: "hide" });
  await until(() => server.countOf("GET /jobs/{id}") > 0, "it is asked for", LIMIT_MS);
  hidden.off();
  await Deno.writeTextFile(`${path}/go`, "");
  const { code, stderr } = await end;
  assertEquals(code, 0, stderr);
  await assertWhole(10);
  assertEquals(server.counts.jobs, 2);
});

test("status and cancel use the known ids and count without rows", async ({ server }) => {
  const { end } = await begin(10, "held");
  await until(() => readLines("ran").length > 0, "a task begins", LIMIT_MS);
  // Another job of the same name, as after a copy to another machine.
  const [mine] = server.jobs.values();
  const foreign = { ...mine!, wire: { ...mine!.wire, id: "foreign", status: "running" } };
  (server.jobs as Map<string, unknown>).set("foreign", foreign);
  server.faults.add({ type: "omit", field: "data", on: "GET /jobs" });
  const { stdout } = await cli(["status", "last"]);
  assertMatch(stdout, /2 platform jobs running/);
  server.faults.clear();
  assertEquals((await cli(["cancel", "last"])).code, 0);
  await end;
  assertEquals(foreign.wire.status, "running");
});

test("a function that nothing uses is deleted on request", async ({ server }) => {
  const compute = "poll=0.05,delete_function=yes";
  await run(5, { compute } as unknown as JobOptions);
  assertEquals([server.functions.size, server.counts.functions], [0, 1]);
  // A function with another job's platform jobs stays, with these jobs.
  await run(5);
  const [owner] = server.functions.values(), wire = { function_id: owner!.wire.id, tags: [] };
  const other = { wire: { ...wire, id: "other", status: "success" }, log: [] };
  (server.jobs as Map<string, unknown>).set("other", other);
  await run(5, { compute } as unknown as JobOptions);
  assertEquals([server.functions.size, [...server.jobs.keys()]], [1, ["other"]]);
});
