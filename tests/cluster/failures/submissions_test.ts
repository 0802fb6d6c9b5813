/**
 * Submissions to a real cluster: partitions, time limits, variables, array sizes and lost answers.
 *
 * @module
 */

import { listJobs } from "../../../lib/job_dir/find.ts";
import { fromFileUrl } from "../../../lib/util/paths.ts";
import { SlurmCluster } from "../../../tools/slurm_cluster/cluster.ts";
import type { Folder } from "../../../tools/support/files.ts";
import { until } from "../../../tools/support/until.ts";
import { assert, assertEquals, assertLess, assertMatch } from "../../support/assert.ts";
import { assertResults, cli, readEvents } from "../../support/jobs.ts";
import { theCluster, useCluster } from "../../support/cluster.ts";
import { assertWhole, begin, jobFolder, test } from "./jobs.ts";

useCluster();

const EXAMPLES = fromFileUrl(new URL("../../../examples", import.meta.url).href);

test("a job waits for a closed partition, and reports it", async () => {
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

test("a job that can never run ends with the reason", async () => {
  const started = performance.now();
  const { end } = await begin(4, "quick", "--cpus", "99");
  const { code, stderr } = await end;
  assertEquals(code, 2);
  assertMatch(
    stderr,
    /Error: Cannot run (array task .* on Slurm: PartitionConfig: no node|.*on Slurm)/,
  );
  assertLess(performance.now() - started, 30_000);
  assertEquals(theCluster().run("squeue", "-h"), "");
});

test("an array task near its time limit leaves the rest to the next array", async () => {
  // Slurm sends its signal one minute before the limit, which is at the start here.
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

test("only the named variables reach the tasks", async (folder) => {
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

test("a node that starts no array task is left out, and the others run all tasks", async (folder) => {
  // It fails when others have begun.
  const fails = `until [ -e ${folder.path}/ran ]; do sleep 0.1; done; echo no libX; exit 127`;
  const program =
    `#!/bin/sh\n[ "$SLURMD_NODENAME" != n1 ] || { ${fails}; }\nexec ${Deno.execPath()} "$@"\n`;
  await folder.write("bin/deno", program);
  await Deno.chmod("bin/deno", 0o755);
  const deno = `deno=${folder.path}/bin/deno`;
  const { end } = await begin(12, "slow", "--chunk", "1", "--slurm", deno);
  const { code, stderr } = await end;
  assertEquals(code, 0, stderr);
  assertMatch(stderr, /^Slurm node n1 gets no more array tasks of the job: .*: no libX \(/m);
  assertResults(await jobFolder(), Array.from({ length: 12 }, (_, i) => i));
});

const ANSWERS = {
  lost: `"$@" || exit; echo "sbatch: error: Socket timed out on send/recv operation" >&2; exit 1`,
  changed: `"$@" | sed "s/^/Submitted batch job /"`,
  hidden: `"$@" > /dev/null`,
};

for (const [name, rest] of Object.entries(ANSWERS)) {
  test(`a ${name} answer of sbatch does not lead to a second array`, (folder) =>
    submit(folder, rest));
}

/** Runs a job with a program in place of `sbatch`. */
async function submit(folder: Folder, rest: string): Promise<void> {
  const real = theCluster().run("sh", "-c", "command -v sbatch");
  await folder.write("bin/sbatch", `#!/bin/sh\n${real} ${rest}\n`);
  await Deno.chmod("bin/sbatch", 0o755);
  await Deno.writeTextFile("list.ndjson", "1\n2\n");
  const env = { PATH: `${folder.path}/bin:${Deno.env.get("PATH")}` };
  const before = nextId();
  const { code, stderr } = await cli(
    ["map", "work.ts#quick", "list.ndjson", "--engine", "slurm"],
    { env },
  );
  assertEquals(code, 0, stderr);
  assertEquals(nextId() - before, 3, "one array of two array tasks, and the job that asks");
}

test("array tasks of very short tasks get longer slices", async () => {
  const before = nextId(), { end } = await begin(400_000, "quick");
  const { code, stderr } = await end;
  assertEquals(code, 0, stderr);
  assertResults(await jobFolder(), Array.from({ length: 400_000 }, (_, i) => i));
  // One array fills the six CPUs with 100,000 tasks; the rest is one more array. Slices of the first
  // length would be 24 array tasks. On a busy machine, a few tasks may be left for one more.
  const arrayTasks = nextId() - before - 1;
  assert(arrayTasks > 6 && arrayTasks <= 18, `${arrayTasks} array tasks`);
});

/** Returns the next job id of the cluster, and uses it up. */
function nextId(): number {
  const id = theCluster().run("sbatch", "--parsable", "--hold", "--wrap", "true");
  theCluster().run("scancel", id);
  return Number(id);
}

test("the countries run as they do elsewhere", async (folder) => {
  const copied = new Deno.Command("cp", { args: ["-r", `${EXAMPLES}/countries/.`, folder.path] });
  await copied.output();
  // The nodes have the home of their user, which may be another one than that of this process.
  const info = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const env = { DENO_DIR: JSON.parse(new TextDecoder().decode(info.stdout)).denoDir };
  const { code, stdout, stderr } = await cli(["run", "countries.area", "--engine", "slurm"], {
    env,
  });
  assertEquals(code, 0, stderr);
  const results = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(results.length, 177);
  const france = results.find(({ name }) => name === "France");
  assertEquals(france, { name: "France", area: 643837591594, centroid: [-10.65, 35.54] });
});

test("a list is split over several arrays when one is too small", async () => {
  await using small = await SlurmCluster.up({ maxArraySize: 11 });
  await Deno.writeTextFile("list.ndjson", Array.from({ length: 40 }, (_, i) => `${i}\n`).join(""));
  const { code, stderr } = await cli(
    ["map", "work.ts#quick", "list.ndjson", "--engine", "slurm", "--chunk", "1"],
    { env: small.env },
  );
  assertEquals(code, 0, stderr);
  assertResults(await jobFolder(), Array.from({ length: 40 }, (_, i) => i));
  const arrays = [...Deno.readDirSync(`${await jobFolder()}/slurm`)].filter((one) =>
    one.isDirectory
  );
  assertEquals(arrays.length, 4);
});

test("a missing Slurm and a wrong partition are reported in one sentence", async () => {
  await Deno.writeTextFile("list.ndjson", "1\n");
  const args = ["map", "work.ts#quick", "list.ndjson", "--engine", "slurm"];
  const none = await cli(args, { env: { PATH: "/nowhere" } });
  assertEquals([none.code, none.stderr.split("\n").at(-2)], [
    2,
    "Error: Cannot run on Slurm: there is no scontrol on the PATH, log in to a node of the " +
    "cluster that has it or use --engine local",
  ]);
  // A start that was refused leaves no job.
  const { code, stderr } = await cli(["status"], { env: { PATH: "/nowhere" } });
  assertEquals([code, stderr.includes("has no jobs")], [2, true], stderr);
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
