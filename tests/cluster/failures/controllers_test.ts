/**
 * Jobs on a real cluster whose controller is killed, stopped or followed by another.
 *
 * @module
 */

import { until } from "../../../tools/support/until.ts";
import { assertEquals, assertLess, assertMatch } from "../../support/assert.ts";
import { cli, endOf, readLines, startCli } from "../../support/jobs.ts";
import { theCluster, useCluster } from "../../support/cluster.ts";
import { assertWhole, begin, running, test, untilRan } from "./jobs.ts";

useCluster();

test("another controller continues the job of a killed one", async () => {
  const { process, end } = await begin(60, "slow");
  await untilRan(12);
  process.kill("SIGKILL");
  await end;
  const { state, place } = JSON.parse((await cli(["status", "--json"])).stdout);
  assertEquals(state, "interrupted");
  assertMatch(place.join(), /array tasks running/);
  const { code, stderr } = await cli(["resume"]);
  assertEquals(code, 0, stderr);
  await assertWhole(60, 0);
});

test("tasks lost under a second controller are run again, too", async () => {
  const { process, end } = await begin(60, "slow");
  await untilRan(12);
  process.kill("SIGKILL");
  await end;
  const second = endOf(startCli(["resume"]));
  await until(() => readLines(`${Deno.cwd()}/ran`).length >= 18, "it resumes");
  theCluster().run("scancel", running()[0]!.id);
  const { code, stderr } = await second;
  assertEquals(code, 0, stderr);
  await assertWhole(60, 2);
});

test("a controller finds the results of an array that ended without one", async () => {
  const { process, end } = await begin(12, "slow");
  await untilRan(6);
  process.kill("SIGKILL");
  await end;
  await until(() => running().length === 0, "the array has ended");
  assertEquals((await cli(["resume"])).code, 0);
  await assertWhole(12, 0);
});

test("a job without a controller is canceled", async () => {
  const { process, end } = await begin(12, "endless");
  await untilRan(6);
  process.kill("SIGKILL");
  await end;
  const { code, stderr } = await cli(["cancel"]);
  assertEquals(code, 0, stderr);
  await until(() => theCluster().run("squeue", "-h", "-t", "RUNNING,PENDING") === "", "it ends");
  const { state } = JSON.parse((await cli(["status", "--json"])).stdout);
  assertEquals(state, "canceled");
});

test("a job that is canceled while Slurm does not answer runs no more tasks", async () => {
  const { end } = await begin(12, "endless");
  await untilRan(6);
  await theCluster().stopController();
  const { code, stderr } = await cli(["cancel"]);
  assertEquals(code, 2);
  assertMatch(stderr, /Slurm has not canceled job \d+: .* run dl_jobs cancel again/s);
  await end;
  theCluster().startController();
  await until(() => theCluster().run("squeue", "-h", "-t", "RUNNING,PENDING") === "", "it ends");
  assertLess(readLines("ran").length, 9);
  assertEquals((await cli(["cancel"])).code, 0);
  await theCluster().untilIdle();
});

test("Ctrl-C lets running tasks finish, and resume runs the rest", async () => {
  const { process, end } = await begin(60, "slow");
  await untilRan(12);
  process.kill("SIGINT");
  const { code } = await end;
  assertEquals(code, 130);
  assertEquals(theCluster().run("squeue", "-h", "-t", "RUNNING,PENDING"), "");
  assertLess(readLines("ran").length, 60);
  assertEquals((await cli(["resume"])).code, 0);
  await assertWhole(60, 0);
});
