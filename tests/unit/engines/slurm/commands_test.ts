import { clusterSize, findArray, queue, runSlurm } from "../../../../lib/engines/slurm/commands.ts";
import { submitArray } from "../../../../lib/engines/slurm/sbatch.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertLess, assertMatch } from "../../../support/assert.ts";

/** Runs a function with programs on the `PATH` that record their arguments and print texts. */
async function withPrograms<T>(
  said: Readonly<Record<string, string>>,
  use: () => Promise<T>,
): Promise<{ readonly result: T; readonly calls: readonly string[] }> {
  await using folder = await makeFolder();
  const calls = `${folder.path}/calls`, path = Deno.env.get("PATH")!;
  for (const [name, text] of Object.entries(said)) {
    const script = `#!/bin/sh\necho ${name} "$@" >> ${calls}\ncat <<'END'\n${text}\nEND\n`;
    await Deno.writeTextFile(`${folder.path}/${name}`, script, { mode: 0o755 });
  }
  Deno.env.set("PATH", `${folder.path}:${path}`);
  try {
    const result = await use();
    return { result, calls: Deno.readTextFileSync(calls).trim().split("\n") };
  } finally {
    Deno.env.set("PATH", path);
  }
}

Deno.test("clusterSize() takes the smaller of the limits of arrays", async (t) => {
  const sinfo = "1/5/0/6|main*\n0/9/0/9|second";
  const config = (...lines: string[]) => lines.join("\n");
  const cases: readonly (readonly [config: string, most: number])[] = [
    [config("MaxArraySize            = 501"), 501],
    [config("MaxArraySize = 501", "SchedulerParameters = a=1,max_array_tasks=40,b"), 40],
    [config("MaxArraySize = 20", "SchedulerParameters = max_array_tasks=40"), 20],
    [config("MaxArraySize = 20", "SchedulerParameters = (null)"), 20],
    ["", 1001],
  ];
  for (const [scontrol, maxArraySize] of cases) {
    await t.step(scontrol, async () => {
      const { result } = await withPrograms({ scontrol, sinfo }, () => clusterSize(undefined));
      assertEquals(result, { maxArraySize, cpus: 6 });
    });
  }
});

Deno.test("clusterSize() and findArray() ask the clusters of a job", async () => {
  const said = { scontrol: "MaxArraySize = 7", sinfo: "CLUSTER: b\n0/4/0/4|main*" };
  const size = await withPrograms(said, () => clusterSize(undefined, "b"));
  assertEquals(size.result, { maxArraySize: 7, cpus: 4 });
  assertEquals(size.calls.filter((call) => call.includes("--clusters=b")).length, 2);
  const queued = await withPrograms(
    { squeue: "CLUSTER: a\nCLUSTER: b\n12\n12" },
    () => findArray("x", "a,b"),
  );
  assertEquals(queued.result, "12;b");
  assertEquals(queued.calls, [
    "squeue --noheader --states=all --name=x --format=%F --clusters=a,b",
  ]);
  const past = { squeue: "CLUSTER: a\nCLUSTER: b", sacct: "12_0|b\n12_1|b" };
  assertEquals((await withPrograms(past, () => findArray("x", "a,b"))).result, "12;b");
});

Deno.test("clusterSize() asks scontrol for one cluster at a time", async () => {
  const said = { scontrol: "MaxArraySize = 7", sinfo: "CLUSTER: a\n0/4/0/4|main*" };
  const { result, calls } = await withPrograms(said, () => clusterSize(undefined, "a,b"));
  assertEquals(result, { maxArraySize: 7, cpus: 4 });
  assertEquals(calls.filter((call) => call.startsWith("scontrol")).sort(), [
    "scontrol --clusters=a show config",
    "scontrol --clusters=b show config",
  ]);
});

Deno.test("findArray() returns the id alone on the usual cluster", async () => {
  const cases = [
    { squeue: "12\n12" },
    { squeue: "", sacct: "12_0|alps\n12_1|alps" },
    { squeue: "", sacct: "12_[0-3]|alps" },
  ];
  for (const said of cases) {
    assertEquals((await withPrograms(said, () => findArray("x"))).result, "12");
  }
});

/** Runs a function with a program on the `PATH`. */
async function withScript<T>(name: string, script: string, use: () => Promise<T>): Promise<T> {
  await using folder = await makeFolder();
  await Deno.writeTextFile(`${folder.path}/${name}`, script, { mode: 0o755 });
  const path = Deno.env.get("PATH")!;
  Deno.env.set("PATH", `${folder.path}:${path}`);
  try {
    return await use();
  } finally {
    Deno.env.set("PATH", path);
  }
}

Deno.test("runSlurm() ends a program that does not answer, also one of a script", async (t) => {
  const cases: [name: string, script: string][] = [
    ["a script and its child", "#!/bin/sh\nsleep 600\ntrue\n"],
    ["a child that leaves the group", "#!/bin/sh\nsetsid sleep 2\ntrue\n"],
  ];
  for (const [name, script] of cases) {
    await t.step(name, async () => {
      const started = performance.now();
      const answer = await withScript(
        "squeue",
        script,
        () => runSlurm("squeue", [], { limitMs: 300 }),
      );
      assertEquals(answer, { code: 143, stdout: "", stderr: "squeue timed out after 300 ms" });
      assertLess(performance.now() - started, 1900);
    });
  }
  await t.step("at the end of its caller", async () => {
    const signal = AbortSignal.timeout(50);
    const states = await withScript("squeue", cases[0]![1], () => queue(["1"], { signal }));
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
      const script = `#!/bin/sh\necho "sbatch: error: ${said}" >&2\nsleep 600\n`;
      const started = performance.now();
      const answer = await withScript("sbatch", script, () => submitArray([], "#!/bin/sh\n"));
      assertEquals(answer, { kind: "full", message: said });
      assertLess(performance.now() - started, 5000);
    });
  }
});
