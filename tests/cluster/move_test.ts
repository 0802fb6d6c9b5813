/**
 * Jobs that move to a real cluster and back, while controllers are killed.
 *
 * @module
 */

import { until } from "../../tools/support/until.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { cli, readLines } from "../support/jobs.ts";
import { engines, killed, start, untilMoved, writeList } from "../support/moves.ts";
import { theCluster, useCluster } from "../support/cluster.ts";
import { assertWhole, begin, LIMIT_MS, running, test, untilRan } from "./failures/jobs.ts";

useCluster();

test("a job moves from local to Slurm and back, and each controller is killed", async () => {
  await writeList(90);
  const first = await start("map", "work.ts#slow", "list.ndjson", "-j2", "--chunk", "5");
  await untilRan(30);
  await killed(first);
  const second = await start("resume", "--engine", "slurm");
  await untilRan(50);
  await killed(second);
  const third = await start("resume", "--engine", "local");
  await untilMoved(3);
  await killed(third);
  const { code, stderr } = await cli(["resume"]);
  assertEquals(code, 0, stderr);
  assertEquals(engines(), ["local", "slurm", "local"]);
  // Each of the two workers here had at most a chunk when its controller was killed.
  await assertWhole(90, 20);
});

test("running tasks finish on the nodes that a job leaves", async () => {
  const controller = await begin(60, "slow");
  await untilRan(12);
  await killed(controller);
  const { code, stderr } = await cli(["resume", "--engine", "local"]);
  assertEquals(code, 0, stderr);
  assertMatch(stderr, /^Collecting the tasks that slurm has; --now gives them up$/m);
  await assertWhole(60, 0);
  assertEquals(theCluster().run("squeue", "-h"), "");
});

test("--now ends the array tasks of a job that moves", async () => {
  const controller = await begin(12, "endless");
  await untilRan(6);
  await killed(controller);
  const moving = await start("resume", "--engine", "local", "--now");
  const ran = readLines("ran").length;
  await until(() => running().length === 0, "Slurm runs nothing", LIMIT_MS);
  await untilRan(ran + 1);
  await killed(moving);
  assertEquals(engines(), ["slurm", "local"]);
});
