import { queue } from "../../../../lib/engines/slurm/commands.ts";
import { complaint, runSlurm } from "../../../../lib/engines/slurm/run_slurm.ts";
import { submitArray } from "../../../../lib/engines/slurm/sbatch.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertLess, assertMatch } from "../../../support/assert.ts";
import { withPrograms } from "../../../support/path_programs.ts";

Deno.test("runSlurm() ends a program that does not answer, also one of a script", async (t) => {
  const cases: [name: string, script: string][] = [
    ["a script and its child", "sleep 600\ntrue"],
    ["a child that leaves the group", "setsid sleep 30\ntrue"],
  ];
  for (const [name, script] of cases) {
    await t.step(name, async () => {
      const started = performance.now();
      const answer = await withPrograms(
        { squeue: script },
        () => runSlurm("squeue", [], { limitMs: 300 }),
      );
      assertEquals(answer, { code: 143, stdout: "", stderr: "squeue timed out after 300 ms" });
      assertLess(performance.now() - started, 20_000);
    });
  }
  await t.step("at the end of its caller", async () => {
    const signal = AbortSignal.timeout(50);
    const states = await withPrograms({ squeue: cases[0]![1] }, () => queue(["1"], { signal }));
    assertEquals(states, undefined);
  });
});

Deno.test("runSlurm() returns an error text when the system starts no program", async () => {
  // The system starts no program that is open for writing.
  await using folder = await makeFolder();
  const program = `${folder.path}/sbatch`;
  await Deno.writeTextFile(program, "#!/bin/sh\n", { mode: 0o755 });
  using _open = await Deno.open(program, { write: true });
  const { code, stderr } = await runSlurm(program, []);
  assertEquals(code, 126);
  assertMatch(stderr, /busy/i);
});

Deno.test("submitArray() takes a limit of this machine for a busy cluster, and tells it", async () => {
  const { Command } = Deno;
  const spawn = () => {
    throw new Error("Failed to spawn 'sbatch': Too many open files (os error 24)");
  };
  Deno.Command = class extends Command {
    override spawn = spawn;
  };
  try {
    assertEquals(await submitArray([], "#!/bin/sh\n"), {
      kind: "busy",
      message: "Cannot start sbatch: the limit on open files is reached, raise it (ulimit -n)",
    });
  } finally {
    Deno.Command = Command;
  }
});

Deno.test("submitArray() does not wait while sbatch tries again on a full cluster", async (t) => {
  const cases = [
    "Slurm temporarily unable to accept job, sleeping and retrying",
    "Slurm job queue full, sleeping and retrying",
  ];
  for (const said of cases) {
    await t.step(said, async () => {
      const script = `echo "sbatch: error: ${said}" >&2\nsleep 600`;
      const started = performance.now();
      const answer = await withPrograms({ sbatch: script }, () => submitArray([], "#!/bin/sh\n"));
      assertEquals(answer, { kind: "full", message: said });
      assertLess(performance.now() - started, 60_000);
    });
  }
});

Deno.test("submitArray() tells the exit status of an sbatch that is killed", async () => {
  const answer = await withPrograms({ sbatch: "kill -9 $$" }, () => submitArray([], "#!/bin/sh\n"));
  const message = "it printed nothing and ended with exit status 137";
  assertEquals(answer, { kind: "invalid", message });
});

Deno.test("complaint() ends with the way out that Slurm does not tell", () => {
  const failed = "Batch job submission failed";
  const cases: [stderr: string, text: string][] = [
    [
      "sbatch: error: fetch_config: DNS SRV lookup failed\n" +
      "sbatch: fatal: Could not establish a configuration source\n",
      "fetch_config: DNS SRV lookup failed, check that `sbatch` works on this machine",
    ],
    [
      `sbatch: error: ${failed}: Invalid partition name specified\n`,
      `${failed}: Invalid partition name specified, ` +
      "sinfo lists the partitions for --slurm partition=NAME",
    ],
    [
      `sbatch: error: ${failed}: Invalid account or account/partition combination specified\n`,
      `${failed}: Invalid account or account/partition combination specified, ` +
      "sacctmgr show assoc user=$USER lists yours",
    ],
    [
      `sbatch: error: ${failed}: Requested node configuration is not available\n`,
      `${failed}: Requested node configuration is not available, no node has this much: ` +
      "sinfo -o '%P %c %m' shows the CPUs and the MB of memory of nodes",
    ],
    [
      `sbatch: error: ${failed}: Requested time limit is invalid (missing or exceeds some limit)\n`,
      `${failed}: Requested time limit is invalid (missing or exceeds some limit), ` +
      "sinfo lists the longest times for --slurm time=TIME",
    ],
    [
      `sbatch: error: ${failed}: Unable to contact slurm controller (connect failure)\n`,
      `${failed}: Unable to contact slurm controller (connect failure), Slurm's controller is ` +
      "not running or not reachable: try again later, or use --engine local",
    ],
    [
      "sbatch: error: QOSMaxWallDurationPerJobLimit\n",
      "QOSMaxWallDurationPerJobLimit, ask for what a job may have, or set account or qos: " +
      "sacctmgr show qos lists the limits",
    ],
    [
      "sbatch: error: QOSMaxSubmitJobPerUserLimit\n" +
      `sbatch: error: ${failed}: Job violates accounting/QOS policy (job submit limit, user's ` +
      "size and/or time limits)\n",
      `QOSMaxSubmitJobPerUserLimit; ${failed}: Job violates accounting/QOS policy ` +
      "(job submit limit, user's size and/or time limits)",
    ],
    [
      "sbatch: error: Invalid generic resource (gres) specification\n",
      "Invalid generic resource (gres) specification, sinfo -o '%P %G' lists the GPUs and the " +
      "like of nodes",
    ],
    [
      "sbatch: error: Invalid --time specification\n",
      "Invalid --time specification, write minutes, or a time such as 2:00:00 or 1-12:00:00 with days",
    ],
    [
      `sbatch: error: ${failed}: No partition specified or system default partition\n`,
      `${failed}: No partition specified or system default partition, ` +
      "sinfo lists the partitions for --slurm partition=NAME",
    ],
    [
      `sbatch: error: ${failed}: Time limit specification required, but not provided\n`,
      `${failed}: Time limit specification required, but not provided, ` +
      "set it with --slurm time=TIME",
    ],
    [
      `sbatch: error: ${failed}: Invalid job array specification\n`,
      `${failed}: Invalid job array specification, scontrol show config shows MaxArraySize, ` +
      "which must be above 0 for job arrays",
    ],
    ["sbatch: error: Invalid --mem specification\n", "Invalid --mem specification"],
  ];
  for (const [stderr, text] of cases) {
    assertEquals(complaint({ code: 1, stdout: "", stderr }), text);
  }
});
