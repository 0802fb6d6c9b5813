/**
 * Jobs on a real cluster to which everything happens that happens to clusters.
 *
 * @module
 */

import { STORE } from "../../lib/job_dir/layout.ts";
import { listJobs } from "../../lib/job_dir/find.ts";
import { fromFileUrl } from "../../lib/util/paths.ts";
import { SlurmCluster } from "../../tools/slurm_cluster/cluster.ts";
import type { Folder } from "../../tools/support/files.ts";
import { until, within } from "../../tools/support/until.ts";
import { assert, assertEquals, assertLess, assertMatch } from "../support/assert.ts";
import {
  assertResults,
  cli,
  endOf,
  enterFolder,
  readEvents,
  readLines,
  type Said,
  startCli,
} from "../support/jobs.ts";
import { skipped, theCluster, useCluster, whyNot } from "../support/cluster.ts";

useCluster();

// A task says that it ran, and takes its time.
const WORK = `
export async function slow(x: number) {
  Deno.writeTextFileSync("RAN", x + "\\n", { append: true });
  await new Promise((resolve) => setTimeout(resolve, 200));
  return x;
}
export const quick = (x: number) => x;
export async function endless(x: number) {
  Deno.writeTextFileSync("RAN", x + "\\n", { append: true });
  await new Promise((resolve) => setTimeout(resolve, x < 4 ? 100 : 3_600_000));
  return x;
}
`;

const LIMIT_MS = 180_000;
const EXAMPLES = fromFileUrl(new URL("../../examples", import.meta.url).href);

function test(claim: string, fn: (folder: Folder) => Promise<void>): void {
  Deno.test({
    name: `slurm: ${claim}${skipped}`,
    ignore: whyNot !== undefined,
    fn: async () => {
      await using folder = await enterFolder({});
      await folder.write("work.ts", WORK.replaceAll("RAN", `${folder.path}/ran`));
      await within(fn(folder), claim, LIMIT_MS);
    },
  });
}

/** Starts a job over 0 to count - 1. */
async function begin(
  count: number,
  method: string,
  ...flags: string[]
): Promise<{ readonly process: Deno.ChildProcess; readonly end: Promise<Said> }> {
  const list = Array.from({ length: count }, (_, i) => `${i}\n`).join("");
  await Deno.writeTextFile("list.ndjson", list);
  const args = ["map", `work.ts#${method}`, "list.ndjson", "--engine", "slurm", ...flags];
  const process = startCli(args);
  await process.stdin.close();
  return { process, end: endOf(process) };
}

/** Waits until so many tasks have begun. */
async function untilRan(count: number): Promise<void> {
  await until(() => readLines("ran").length >= count, `${count} tasks have begun`, LIMIT_MS);
}

async function jobFolder(): Promise<string> {
  const [id] = await listJobs();
  return `${Deno.cwd()}/${STORE}/${id}`;
}

/** Fails unless all tasks have one end each, and none ran again but those that were lost. */
async function assertWhole(count: number, mostLost: number): Promise<void> {
  const folder = await jobFolder();
  assertResults(folder, Array.from({ length: count }, (_, i) => i));
  const ran = readLines("ran").length;
  assert(ran >= count && ran <= count + mostLost, `${ran} calls for ${count} tasks`);
}

/**
 * Fails unless what was lost was lost with these elements. Each charges what it had under way, if it
 * had begun anything; Slurm's signal may reach its worker before, which then says so itself.
 */
async function assertLostWith(...ids: string[]): Promise<void> {
  const lost = readEvents(await jobFolder()).filter(({ type }) => type === "lost");
  assert(lost.length <= 2 * ids.length, JSON.stringify(lost));
  for (const event of lost) {
    const text = JSON.stringify(event);
    assert(
      /SIGTERM/.test(text) || ids.some((id) => text.includes(`element ${id} ended CANCELLED`)),
      text,
    );
  }
}

/** The running elements, as Slurm calls them, with their nodes. */
function running(): { id: string; node: string }[] {
  const rows = theCluster().run("squeue", "-h", "-r", "-t", "RUNNING", "-o", "%i %N");
  return rows.split("\n").filter(Boolean).map((row) => row.split(" "))
    .map(([id, node]) => ({ id: id!, node: node! }));
}

test("a node that dies takes nothing with it", async () => {
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

test("a node that is set down takes nothing with it", async () => {
  const { end } = await begin(60, "slow");
  await untilRan(12);
  const { node } = running()[0]!;
  theCluster().run("scontrol", "update", `nodename=${node}`, "state=down", "reason=test");
  const { code } = await end;
  assertEquals(code, 0);
  await assertWhole(60, 2);
  await theCluster().untilIdle();
});

test("elements that somebody cancels are run again", async () => {
  const { end } = await begin(60, "slow");
  await untilRan(12);
  const ids = running().slice(0, 2).map(({ id }) => id);
  theCluster().run("scancel", ...ids);
  const { code } = await end;
  assertEquals(code, 0);
  await assertWhole(60, 4);
  await assertLostWith(...ids);
});

test("an element that somebody begins again runs nothing twice", async () => {
  const { end } = await begin(60, "slow");
  await untilRan(24);
  const { id } = running()[0]!;
  // It was submitted as one that must not be.
  theCluster().run("scontrol", "update", `jobid=${id}`, "requeue=1");
  theCluster().run("scontrol", "requeue", id);
  const isWaiting = () => theCluster().run("squeue", "-h", "-j", id, "-t", "PENDING", "-o", "%i");
  await until(isWaiting, "it waits again");
  // Slurm itself would wait for two minutes.
  theCluster().run("scontrol", "update", `jobid=${id}`, "starttime=now");
  const { code } = await end;
  assertEquals(code, 0);
  await assertWhole(60, 2);
});

test("a controller that is killed is followed by another", async () => {
  const { process, end } = await begin(60, "slow");
  await untilRan(12);
  process.kill("SIGKILL");
  await end;
  const { state, place } = JSON.parse((await cli(["status", "--json"])).stdout);
  assertEquals(state, "interrupted");
  assertMatch(place.join(), /elements running/);
  const { code, stderr } = await cli(["resume"]);
  assertEquals(code, 0, stderr);
  await assertWhole(60, 0);
});

test("what is lost under the second controller is run again, too", async () => {
  const { process, end } = await begin(60, "slow");
  await untilRan(12);
  process.kill("SIGKILL");
  await end;
  const second = endOf(startCli(["resume"]));
  await until(() => readLines(`${Deno.cwd()}/ran`).length >= 18, "it goes on");
  theCluster().run("scancel", running()[0]!.id);
  const { code, stderr } = await second;
  assertEquals(code, 0, stderr);
  await assertWhole(60, 2);
});

test("a controller that dies when all is done finds all of it", async () => {
  const { process, end } = await begin(12, "slow");
  await untilRan(6);
  process.kill("SIGKILL");
  await end;
  await until(() => running().length === 0, "the array has ended");
  assertEquals((await cli(["resume"])).code, 0);
  await assertWhole(12, 0);
});

test("Slurm's own daemon may be started again in the middle", async () => {
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

test("a closed partition is waited for, and said", async () => {
  const down = (state: string) =>
    theCluster().run("scontrol", "update", "partitionname=second", `state=${state}`);
  down("DOWN");
  const { process, end } = await begin(12, "quick", "--slurm", "partition=second");
  const folder = await until(async () => (await listJobs()).length > 0 && await jobFolder(), "job");
  const placeOf = async () => JSON.parse((await cli(["status", "--json"])).stdout).place.join();
  await until(async () => /PartitionDown: the partition is closed/.test(await placeOf()), "why");
  down("UP");
  const { code, stderr } = await end;
  assertEquals(code, 0, stderr);
  assertResults(folder, Array.from({ length: 12 }, (_, i) => i));
  assert(process.pid > 0);
});

test("what can never run is refused with its reason", async () => {
  const started = performance.now();
  const { end } = await begin(4, "quick", "--cpus", "99");
  const { code, stderr } = await end;
  assertEquals(code, 2);
  assertMatch(
    stderr,
    /Error: Cannot run (element .* on Slurm: PartitionConfig: no node|.*on Slurm)/,
  );
  assertLess(performance.now() - started, 30_000);
  assertEquals(theCluster().run("squeue", "-h"), "");
});

test("a job is canceled from where its controller is not", async () => {
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

test("Ctrl-C lets what runs finish, and resume goes on", async () => {
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

test("a time limit that is near sends the rest to the next array", async () => {
  // Slurm counts minutes, and gives its sign one before the end: here from the start.
  const { end } = await begin(24, "slow", "--slurm", "time=1");
  const { code, stderr } = await end;
  assertEquals(code, 0, stderr);
  await assertWhole(24, 0);
});

test("a task that takes longer than the time limit is charged with it", async () => {
  const { end } = await begin(6, "endless", "--slurm", "time=1,skip=signal");
  const { code } = await end;
  assertEquals(code, 1);
  const failed = readEvents(await jobFolder()).filter(({ type }) => type === "failed");
  const errors = failed.map((event) => "error" in event ? event.error.class : "");
  assertEquals(errors, ["timeout", "timeout"]);
});

test("nothing of the environment travels but what is named", async (folder) => {
  await folder.write(
    "env.ts",
    "export const task = () => [Deno.env.get('MY_SECRET') ?? null, Deno.env.get('LEVEL') ?? null];",
  );
  await Deno.writeTextFile("list.ndjson", "1\n");
  const { code, stdout } = await cli(
    ["map", "env.ts", "list.ndjson", "--engine", "slurm", "--env", "LEVEL=debug"],
    { env: { MY_SECRET: "hush" } },
  );
  assertEquals([code, stdout], [0, '[null,"debug"]\n']);
});

test("an answer that was lost makes no second array", async (folder) => {
  const real = theCluster().run("sh", "-c", "command -v sbatch");
  await folder.write(
    "bin/sbatch",
    `#!/bin/sh\n${real} "$@" || exit\necho "sbatch: error: Batch job submission failed: ` +
      `Socket timed out on send/recv operation" >&2\nexit 1\n`,
  );
  await Deno.chmod("bin/sbatch", 0o755);
  await Deno.writeTextFile("list.ndjson", "1\n2\n");
  const env = { PATH: `${folder.path}/bin:${Deno.env.get("PATH")}` };
  const before = nextId();
  const { code, stderr } = await cli(
    ["map", "work.ts#quick", "list.ndjson", "--engine", "slurm"],
    { env },
  );
  assertEquals(code, 0, stderr);
  assertEquals(nextId() - before, 3, "one array of two elements, and what asks");
});

/** The number that the cluster gives next, which this takes. */
function nextId(): number {
  const id = theCluster().run("sbatch", "--parsable", "--hold", "--wrap", "true");
  theCluster().run("scancel", id);
  return Number(id);
}

test("the countries run as they do elsewhere", async (folder) => {
  const copied = new Deno.Command("cp", { args: ["-r", `${EXAMPLES}/countries/.`, folder.path] });
  await copied.output();
  const { code, stdout, stderr } = await cli(["run", "countries.area", "--engine", "slurm"]);
  assertEquals(code, 0, stderr);
  const results = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(results.length, 177);
  const france = results.find(({ name }) => name === "France");
  assertEquals(france, { name: "France", area: 643837591594, centroid: [-10.65, 35.54] });
});

test("more tasks than an array may have elements", async () => {
  await using small = await SlurmCluster.up({ maxArraySize: 11 });
  await Deno.writeTextFile("list.ndjson", Array.from({ length: 40 }, (_, i) => `${i}\n`).join(""));
  const { code, stderr } = await cli(
    ["map", "work.ts#quick", "list.ndjson", "--engine", "slurm", "--chunk", "1"],
    { env: small.env },
  );
  assertEquals(code, 0, stderr);
  assertResults(await jobFolder(), Array.from({ length: 40 }, (_, i) => i));
  const waves = [...Deno.readDirSync(`${await jobFolder()}/slurm`)].filter((one) =>
    one.isDirectory
  );
  assertEquals(waves.length, 4);
});

test("what Slurm has forgotten stands in its accounts", async () => {
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

test("without Slurm, and with a wrong partition, one sentence says so", async () => {
  await Deno.writeTextFile("list.ndjson", "1\n");
  const args = ["map", "work.ts#quick", "list.ndjson", "--engine", "slurm"];
  const none = await cli(args, { env: { PATH: "/nowhere" } });
  assertEquals([none.code, none.stderr.split("\n").at(-2)], [
    2,
    "Error: Cannot run on Slurm: there is no scontrol on the PATH, log in to a node of the " +
    "cluster that has it or use --engine local",
  ]);
  const { code, stderr } = await cli(["status"], { env: { PATH: "/nowhere" } });
  assertEquals(code, 0, stderr);
  const wrong = await cli([...args, "--slurm", "partition=nowhere"]);
  assertEquals(wrong.code, 2);
  assertMatch(wrong.stderr, /Error: Cannot submit to Slurm: .*invalid partition/i);
  await theCluster().stopController();
  const silent = await cli(args);
  theCluster().startController();
  assertEquals(silent.code, 2);
  assertMatch(silent.stderr, /Error: Cannot submit to Slurm: .*Unable to contact slurm controller/);
  await theCluster().untilIdle();
});

function nameIn(script: string): string {
  return /--job-name=(\S+)/.exec(script)![1]!;
}

test("a dry run shows the script and asks Slurm, and submits nothing", async () => {
  await Deno.writeTextFile("list.ndjson", "1\n");
  const { code, stdout, stderr } = await cli(
    ["map", "work.ts#quick", "list.ndjson", "--engine", "slurm", "--dry-run", "--slurm", "nice=5"],
  );
  assertEquals([code, stdout], [0, ""]);
  assertMatch(stderr, /--nice=5/);
  assertMatch(stderr, /#!\/bin\/sh/);
  assertMatch(stderr, /Job \d+ to start at/);
  assertEquals(theCluster().run("squeue", "-h", "-t", "all", "--name", nameIn(stderr)), "");
  assertEquals(await listJobs(), []);
});
