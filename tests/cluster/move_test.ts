/**
 * Jobs that move to a real cluster and back, while controllers are killed.
 *
 * @module
 */

import { SshHosts } from "../../tools/ssh_hosts/hosts.ts";
import { until } from "../../tools/support/until.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { cli, readLines } from "../support/jobs.ts";
import {
  engines,
  killEach,
  killed,
  start,
  type Started,
  untilDone,
  untilMoved,
  writeList,
} from "../support/moves.ts";
import { theCluster, useCluster } from "../support/cluster.ts";
import { assertWhole, begin, LIMIT_MS, running, test, untilRan } from "./failures/jobs.ts";

useCluster();

test("a job moves from local to Slurm and back, and each controller is killed", async () => {
  await writeList(90);
  await killEach(
    [["map", "work.ts#slow", "list.ndjson", "-j2", "--chunk", "5"], () => untilRan(30)],
    [["resume", "--engine", "slurm"], () => untilRan(50)],
    [["resume", "--engine", "local"], untilMoved],
  );
  assertEquals(engines(), ["local", "slurm", "local"]);
  // Each of the two workers here had at most a chunk when its controller was killed.
  await assertWhole(90, 20);
});

test("a job moves from local to ssh and to Slurm, and a controller is killed on each", async ({ path }) => {
  const shared = { shared: path };
  await using hosts = await SshHosts.up({ count: 2, hosts: { h1: shared, h2: shared } });
  const ssh = ["--ssh", "hosts=h1*2,h2*2", "--ssh", `command=ssh -F ${hosts.config}`];
  await writeList(300);
  await killed(await startUntil(30, "map", "work.ts#slow", "list.ndjson", "-j2"));
  const local = await startUntil(60, "resume");
  await killed(await moveUntil(90, "ssh", ...ssh));
  assertEquals((await local.end).code, 1);
  const far = await startUntil(120, "resume");
  await killed(await moveUntil(150, "slurm"));
  assertEquals((await far.end).code, 1);
  const { code, stderr } = await cli(["resume"]);
  assertEquals(code, 0, stderr);
  assertEquals(engines(), ["local", "ssh", "slurm"]);
  // Only the tasks of the two workers that were killed here ran twice.
  await assertWhole(300, 2);
  for (const name of hosts.names) assertEquals(hosts.run(name, "ls .cache/dl_jobs/jobs"), "");
});

/** Starts a command, and waits until a number of tasks have succeeded. */
async function startUntil(count: number, ...args: string[]): Promise<Started> {
  const started = await start(...args);
  await untilDone(count);
  return started;
}

/** Moves the job, and waits until it has moved and a number of tasks have succeeded. */
async function moveUntil(count: number, engine: string, ...args: string[]): Promise<Started> {
  const started = await start("resume", "--engine", engine, ...args);
  await until(() => engines().at(-1) === engine, `the job has moved to ${engine}`, LIMIT_MS);
  await untilDone(count);
  return started;
}

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
  await until(() => running().length === 0, "Slurm runs nothing", LIMIT_MS);
  const hasRepeated = () => new Set(readLines("ran")).size < readLines("ran").length;
  await until(hasRepeated, "a task runs again", LIMIT_MS);
  await killed(moving);
  assertEquals(engines(), ["slurm", "local"]);
});
