/**
 * Jobs on a real cluster whose nodes, daemons and array tasks are killed, canceled and started
 * again.
 *
 * @module
 */

import { SlurmCluster } from "../../../tools/slurm_cluster/cluster.ts";
import { until } from "../../../tools/support/until.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { cli, endOf, readEvents, startCli } from "../../support/jobs.ts";
import { theCluster, useCluster } from "../../support/cluster.ts";
import { assertWhole, begin, jobFolder, LIMIT_MS, running, test, untilRan } from "./jobs.ts";

useCluster();

/**
 * Fails unless the lost tasks were in flight on these array tasks. Each charges the tasks that it
 * was running. Slurm's signal may reach its worker first, which then reports it itself.
 */
async function assertLostWith(...ids: string[]): Promise<void> {
  const lost = readEvents(await jobFolder()).filter(({ type }) => type === "lost");
  assert(lost.length <= 2 * ids.length, JSON.stringify(lost));
  for (const event of lost) {
    const text = JSON.stringify(event);
    assert(
      /SIGTERM/.test(text) || ids.some((id) => text.includes(`array task ${id} ended CANCELLED`)),
      text,
    );
  }
}

test("the tasks of a node that dies are run again", async () => {
  const { end } = await begin(60, "slow");
  await untilRan(12);
  const { node } = running()[0]!;
  await theCluster().killNode(node, { withJobs: true });
  const { code, stderr } = await end;
  assertEquals([code, stderr.includes("60 of 60 succeeded")], [0, true], stderr);
  await assertWhole(60, 2);
  theCluster().startNode(node);
  await theCluster().untilIdle();
});

test("the tasks of a node that is set down are run again", async () => {
  const { end } = await begin(60, "slow");
  await untilRan(12);
  const { node } = running()[0]!;
  theCluster().run("scontrol", "update", `nodename=${node}`, "state=down", "reason=test");
  const { code } = await end;
  assertEquals(code, 0);
  await assertWhole(60, 2);
  await theCluster().untilIdle();
});

test("array tasks that are canceled from elsewhere are run again", async () => {
  const { end } = await begin(60, "slow");
  await untilRan(12);
  const ids = running().slice(0, 2).map(({ id }) => id);
  theCluster().run("scancel", ...ids);
  const { code, stderr } = await end;
  assertEquals(code, 0);
  // One line for both of them, however many end.
  const lines = stderr.split("\n").filter((line) => line.includes("array tasks ended CANCELLED"));
  assertEquals(lines, [
    `Slurm job ${
      ids[0]!.split("_")[0]
    }: array tasks ended CANCELLED; the tasks that they had left ` +
    "are submitted again",
  ]);
  await assertWhole(60, 4);
  await assertLostWith(...ids);
});

test("an array that is canceled before it starts is submitted again", async () => {
  const setPartition = (state: string) =>
    theCluster().run("scontrol", "update", "partitionname=main", `state=${state}`);
  const waiting = () => theCluster().run("squeue", "-h", "-t", "PENDING", "-o", "%F").trim();
  setPartition("down");
  let end: ReturnType<typeof endOf>;
  try {
    ({ end } = await begin(12, "slow"));
    await until(() => waiting() !== "", "it waits", LIMIT_MS);
    theCluster().run("scancel", waiting().split("\n")[0]!);
  } finally {
    setPartition("up");
  }
  const { code, stderr } = await end;
  assertEquals(code, 0, stderr);
  await assertWhole(12, 0);
});

test("an array task that Slurm starts again runs nothing twice", async () => {
  const { end } = await begin(60, "slow");
  await untilRan(24);
  const { id } = running()[0]!;
  // The engine submits array tasks that must not be requeued.
  theCluster().run("scontrol", "update", `jobid=${id}`, "requeue=1");
  theCluster().run("scontrol", "requeue", id);
  const isWaiting = () => theCluster().run("squeue", "-h", "-j", id, "-t", "PENDING", "-o", "%i");
  await until(isWaiting, "it waits again");
  // Without this, Slurm waits for two minutes.
  theCluster().run("scontrol", "update", `jobid=${id}`, "starttime=now");
  const { code } = await end;
  assertEquals(code, 0);
  await assertWhole(60, 2);
});

test("a job survives a restart of Slurm's controller", async () => {
  const { end } = await begin(60, "slow");
  await untilRan(12);
  await theCluster().stopController();
  await untilRan(30);
  theCluster().startController();
  const { code } = await end;
  assertEquals(code, 0);
  await assertWhole(60, 0);
  await theCluster().untilIdle();
});

test("the end of an array task that left the queue comes from the accounting", async () => {
  await using cluster = (await SlurmCluster.up({ accounting: true })).guard();
  const { env } = cluster;
  const list = Array.from({ length: 60 }, (_, i) => `${i}\n`).join("");
  await Deno.writeTextFile("list.ndjson", list);
  const first = startCli(["map", "work.ts#slow", "list.ndjson", "--engine", "slurm"], { env });
  const end = endOf(first);
  await untilRan(12);
  first.kill("SIGKILL");
  await end;
  const [id] = cluster.run("squeue", "-h", "-r", "-t", "R", "-o", "%i").split("\n");
  cluster.run("scancel", id!);
  await until(() => cluster.run("squeue", "-h", "-t", "all") === "", "it is forgotten", LIMIT_MS);
  const { code, stderr } = await cli(["resume"], { env });
  assertEquals(code, 0, stderr);
  await assertWhole(60, 2);
  await assertLostWith(id!);
});
