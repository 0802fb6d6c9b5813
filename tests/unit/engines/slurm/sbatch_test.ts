import { parseSlurmOptions } from "../../../../lib/engines/slurm/options.ts";
import {
  type ArrayJob,
  parseArray,
  refusalKind,
  sbatchArgs,
  scriptOf,
  submitLeast,
} from "../../../../lib/engines/slurm/sbatch.ts";
import type { Startable } from "../../../../lib/job/options/options.ts";
import { planOnly } from "../../../../lib/job/plan/new_plan.ts";
import { assertEquals, assertMatch } from "../../../support/assert.ts";
import { enterFolder } from "../../../support/jobs.ts";

/** An array of two array tasks with at most five tasks each. */
function arrayJob(
  options: Record<string, string> = {},
  more: Partial<ArrayJob["settings"] & ArrayJob["context"]> = {},
): ArrayJob {
  const { cpus = 1, gpus = 0, image = "python:3", ...settings } = more;
  const slurm = parseSlurmOptions({ deno: "/opt/deno", ...options });
  return {
    name: "dl_jobs-x-0",
    dir: "/job/slurm/0",
    size: 2,
    tasks: 5,
    slurm,
    settings: {
      job: "x",
      bundle: "/job/bundle.js",
      files: "/job/files",
      grace: 0,
      concurrency: 1,
      env: {},
      permissions: [],
      gpus,
      workers: slurm.workers,
      ...settings,
    },
    context: { cpus, gpus, image },
  };
}

const ALWAYS = [
  ...["--parsable", "--job-name=dl_jobs-x-0", "--array=0-1", "--output=/job/slurm/0/logs/%a.log"],
  ...["--open-mode=append", "--no-requeue", "--export=NIL", "--ntasks=1", "--cpus-per-task=1"],
  "--signal=B:USR2@60",
];

import { withPrograms } from "../../../support/path_programs.ts";
Deno.test("sbatchArgs() returns the options of a job", async (t) => {
  const cases: [name: string, given: ArrayJob, added: string[], left?: string[]][] = [
    ["nothing", arrayJob(), []],
    ["CPUs and workers", arrayJob({ workers: "4" }, { cpus: 2 }), ["--cpus-per-task=8"]],
    ["GPUs", arrayJob({ workers: "2" }, { gpus: 1 }), ["--cpus-per-task=2", "--gres=gpu:2"]],
    ["GPUs and other resources", arrayJob({ gres: "tmp:10" }, { gpus: 1 }), [
      "--gres=gpu:1,tmp:10",
    ]],
    ["GPUs of a type", arrayJob({ gres: "gpu:a100:1" }, { gpus: 1 }), ["--gres=gpu:a100:1"]],
    ["memory", arrayJob({ workers: "2" }, { memory: 2 ** 30 }), [
      "--cpus-per-task=2",
      "--mem=2304M",
    ]],
    ["memory, and memory for each CPU", arrayJob({ mem_per_cpu: "1G" }, { memory: 2 ** 30 }), [
      "--mem-per-cpu=1G",
    ]],
    [
      "memory, and memory for each GPU",
      arrayJob({ extra: "--mem-per-gpu=1G" }, { memory: 2 ** 30 }),
      [
        "--mem-per-gpu=1G",
      ],
    ],
    ["nodes that are left out", {
      ...arrayJob({ exclude: "n[1-2]" }),
      leftOut: ["n5", "n7"],
    }, ["--exclude=n[1-2]", "--exclude=n[1-2],n5,n7"]],
    ["nodes that are left out beside the user's own in extra", {
      ...arrayJob({ extra: "-xn9" }),
      leftOut: ["n5"],
    }, ["-xn9", "--exclude=n9,n5"]],
    ["a switch that is off", arrayJob({ exclusive: "false", comment: "false" }), [
      "--comment=false",
    ]],
    ["a time-out", arrayJob({}, { timeout: 60_000 }), ["--time=8"]],
    ["a time-out of which the partition allows one", {
      ...arrayJob({}, { timeout: 60_000 }),
      mostMinutes: 2,
    }, ["--time=2"]],
    ["a time-out that the partition never allows", {
      ...arrayJob({}, { timeout: 180_000 }),
      mostMinutes: 2,
    }, ["--time=18"]],
    ["a time limit", arrayJob({ time: "2:00:00" }, { timeout: 60_000 }), ["--time=2:00:00"]],
    ["a pattern in the path", { ...arrayJob(), dir: "/%a/%%/1" }, [
      "--output=/%%a/%%%%/1/logs/%a.log",
    ]],
    ["a backslash in the path", { ...arrayJob(), dir: "/a\\b/%j/1" }, ["--output=/dev/null"]],
    ["parallelism", arrayJob({ parallelism: "7" }), ["--array=0-1%7"], ["--array=0-1"]],
    [
      "sites",
      arrayJob({ partition: "long", mail_user: "me@x.org", exclusive: "true" }),
      ["--partition=long", "--mail-user=me@x.org", "--exclusive"],
    ],
    [
      "extra options",
      arrayJob({ extra: "--gres=gpu:a100:1,tmp:10,--nice" }),
      ["--gres=gpu:a100:1,tmp:10", "--nice"],
    ],
    ["what a site refuses", arrayJob({ skip: "export,--ntasks" }), [], [
      "--export=NIL",
      "--ntasks=1",
    ]],
    [
      "pyxis",
      arrayJob({ container: "pyxis", mounts: "/data:/data" }),
      ["--container-image=python:3", "--container-mounts=/data:/data"],
    ],
  ];
  for (const [name, given, added, left = []] of cases) {
    await t.step(name, () => {
      const key = (arg: string) => arg.split("=")[0];
      const replaced = new Set(added.map(key));
      const kept = ALWAYS.filter((arg) => !replaced.has(key(arg)) && !left.includes(arg));
      assertEquals(sbatchArgs(given).sort(), [...kept, ...added].sort());
    });
  }
});

Deno.test("sbatchArgs() warns array tasks of a time limit that only the partition sets", () => {
  assertEquals(sbatchArgs(arrayJob()).filter((arg) => /signal|time/.test(arg)), [
    "--signal=B:USR2@60",
  ]);
});

Deno.test("taskKwargs are options of sbatch, above those of the configuration", async () => {
  const options = { fn: (x: number) => x, argsList: [1], taskKwargs: { nice: 5, qos: "low" } };
  const job = { name: "job", options: { ...options, engine: "slurm", slurm: { qos: "high" } } };
  await using _folder = await enterFolder();
  const { record } = await planOnly(job as Startable, {});
  assertEquals(record.options.slurm, { nice: "5", qos: "low" });
});

Deno.test("scriptOf() runs an array task, in a container where that is wanted", () => {
  const script = scriptOf(arrayJob(), "/job's/element.js");
  assertMatch(script, /^#!\/bin\/sh\n/);
  assertMatch(script, /\nexec \/opt\/deno run .* '\/job'\\''s\/element.js' '\{"wave":/);
  const odd = { ...arrayJob(), dir: "/it's\n%a\\/0" };
  const log = `'/it'\\''s\n%a\\/0/logs'/"$SLURM_ARRAY_TASK_ID".log`;
  assertEquals(scriptOf(odd, "/e.js").includes(`\nexec >>${log} 2>&1\nexec /opt/deno`), true);
  const ready = scriptOf(arrayJob({ setup: ". /etc/profile; module load gdal" }), "/e.js");
  assertMatch(
    ready,
    / 2>&1\neval '\. \/etc\/profile; module load gdal' \|\| exit\nexec \/opt\/deno/,
  );
  const image = arrayJob({ container: "apptainer", mounts: "/data" }, { gpus: 1 });
  assertMatch(
    scriptOf(image, "/e.js"),
    /\nexec apptainer exec --nv --bind \/data python:3 \/opt\/deno run /,
  );
});

Deno.test("parseArray() finds the id between the lines of a site", async (t) => {
  const cases: [said: string, id: string | undefined][] = [
    ["12\n", "12"],
    ["12;alps\n", "12;alps"],
    ["--> Verifying 3 nodes\n1 of 2 checks\n\n12\n", "12"],
    ["Submitted batch job 12\n", undefined],
    ["", undefined],
  ];
  for (const [said, id] of cases) {
    await t.step(JSON.stringify(said), () => assertEquals(parseArray(said), id));
  }
});

Deno.test("refusalKind() tells busy and full clusters from invalid submissions", async (t) => {
  const cases: [said: string, kind: string][] = [
    [
      "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
      "full",
    ],
    ["QOSMaxSubmitJobPerUserLimit", "full"],
    [
      "QOSMaxCpuPerJobLimit\nsbatch: error: Batch job submission failed: Job violates " +
      "accounting/QOS policy (job submit limit, user's size and/or time limits)",
      "invalid",
    ],
    [
      "QOSMaxCpuPerUserLimit\nsbatch: error: Job violates (job submit limit, user's size)",
      "invalid",
    ],
    ["AssocGrpCPUMinutesLimit\nsbatch: error: Job violates (job submit limit)", "invalid"],
    ["AssocGrpSubmitJobsLimit\nsbatch: error: Job violates (job submit limit)", "full"],
    ["AssocMaxSubmitJobLimit\nsbatch: error: Job violates (job submit limit)", "full"],
    ["Batch job submission failed: Socket timed out on send/recv operation", "busy"],
    ["Unable to contact slurm controller (connect failure)", "busy"],
    ["Batch job submission failed: Invalid account or account/partition combination", "invalid"],
    ["Invalid job array specification", "invalid"],
    ["Slurm temporarily unable to accept job, sleeping and retrying", "full"],
    ["sbatch timed out after 2 min 00 s", "busy"],
  ];
  for (const [said, kind] of cases) {
    await t.step(said, () => assertEquals(refusalKind(`sbatch: error: ${said}`), kind));
  }
});

Deno.test("submitLeast() tells a limit that allows no job from one that is reached", async (t) => {
  const limit = (name: string) => `echo "sbatch: error: ${name}" >&2; exit 1`;
  const perUser = limit("AssocMaxSubmitJobLimit");
  const once = '[ -e "$0.ran" ] && echo 7 && exit 0\ntouch "$0.ran"\n';
  const advice = "; you have no job in the queue, so the limit allows none: set account or qos, " +
    "sacctmgr show assoc user=$USER lists yours";
  const full = (message: string) => ({ kind: "full", message });
  const cases: [name: string, sbatch: string, squeue: string, answer: unknown][] = [
    ["no job", perUser, "", { kind: "invalid", message: "AssocMaxSubmitJobLimit" + advice }],
    ["other jobs", perUser, "echo 3_1", full("AssocMaxSubmitJobLimit")],
    ["no answer", perUser, "exit 1", full("AssocMaxSubmitJobLimit")],
    ["the last job has just ended", once + perUser, "", { array: "7" }],
    ["all users", limit("AssocGrpSubmitJobsLimit"), "", full("AssocGrpSubmitJobsLimit")],
  ];
  for (const [name, sbatch, squeue, answer] of cases) {
    await t.step(name, async () => {
      await withPrograms({ sbatch, squeue }, async () => {
        assertEquals<unknown>(await submitLeast([], "#!/bin/sh\n"), answer);
      });
    });
  }
});
