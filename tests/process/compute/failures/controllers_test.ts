/**
 * Jobs on a platform whose controller is killed, stopped or followed by another.
 *
 * @module
 */

import { until } from "../../../../tools/support/until.ts";
import { assert, assertEquals, assertMatch } from "../../../support/assert.ts";
import { cli, readLines, recordOf } from "../../../support/jobs.ts";
import { assertWhole, begin, jobFolder, LIMIT_MS, test, untilCanceled } from "./jobs.ts";

test("another controller takes over where one was killed", async ({ server, path }) => {
  const { process, end } = await begin(20, "held");
  await until(() => readLines("ran").length > 0, "a task begins", LIMIT_MS);
  const { id } = recordOf(await jobFolder());
  process.kill("SIGKILL");
  await end;
  const status = await cli(["status", String(id)]);
  assertMatch(status.stdout, /interrupted/);
  assertMatch(status.stdout, /2 platform jobs running/);
  await Deno.writeTextFile(`${path}/go`, "");
  const { code, stderr } = await cli(["resume", String(id)]);
  assertEquals(code, 0, stderr);
  await assertWhole(20);
  assertEquals([server.counts.jobs, server.counts.executions], [4, 4]);
});

test("a submission whose controller died before the answer is found again", async ({ server, path }) => {
  // The controller dies before the answer arrives.
  const slow = server.faults.add({ type: "slow", ms: 3_600_000, on: "POST /jobs/bulk" });
  const { process, end } = await begin(20, "quick");
  await until(() => slow.happened > 0, "the request is on its way", LIMIT_MS);
  process.kill("SIGKILL");
  await end;
  slow.off();
  const { code, stderr } = await cli(["resume", "last"]);
  assertEquals(code, 0, stderr);
  await assertWhole(20);
  assert(server.counts.jobs <= 8, `${server.counts.jobs} jobs in ${path}`);
});

test("a function without code is removed by the next controller", async ({ server }) => {
  const slow = server.faults.add({ type: "slow", ms: 3_600_000, on: "PUT /bucket/{id}" });
  const { process, end } = await begin(20, "quick");
  await until(() => slow.happened > 0, "the upload is on its way", LIMIT_MS);
  process.kill("SIGKILL");
  await end;
  slow.off();
  const states = () => server.functions.values().toArray().map(({ wire }) => wire.status);
  assertEquals(states(), ["awaiting_bundle"]);
  assertEquals((await cli(["resume", "last"])).code, 0);
  await assertWhole(20);
  assertEquals(states(), ["ready"]);
});

test("Ctrl-C ends all platform jobs, and resume runs the rest", async ({ server, path }) => {
  const { process, end } = await begin(20, "held", "--grace", "0.1");
  await until(() => readLines("ran").length > 0, "a task begins", LIMIT_MS);
  process.kill("SIGINT");
  const { code, stderr } = await end;
  assertEquals(code, 130, stderr);
  await untilCanceled(server);
  await Deno.writeTextFile(`${path}/go`, "");
  assertEquals((await cli(["resume", "last"])).code, 0);
  await assertWhole(20);
});

test("a job is canceled from elsewhere", async ({ server }) => {
  const { end } = await begin(20, "held");
  await until(() => readLines("ran").length > 0, "a task begins", LIMIT_MS);
  const { code, stderr } = await cli(["cancel", "last"]);
  assertEquals(code, 0, stderr);
  await end;
  await untilCanceled(server);
  assertMatch((await cli(["status", "last"])).stdout, /canceled/);
});
