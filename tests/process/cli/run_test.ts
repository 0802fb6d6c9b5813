/**
 * The command `dl_jobs run`.
 *
 * @module
 */

import { assertEquals } from "../../support/assert.ts";
import { checkAll, dlJobs, makeProject, said } from "./commands.ts";

Deno.test("dl_jobs run passes arguments, keywords and options to the run method", async (t) => {
  await using project = await makeProject();
  const options = { cpus: 1, gpus: 0, cpuJob: true, noisy: true };
  const given = (...args: unknown[]) => JSON.stringify(args) + "\n";
  const err = said("given", 1);
  await checkAll(t, project.path, [
    { args: "run jobs 3", out: "0\n1\n2\n", err: said("default", 3) },
    { args: "run jobs.given", out: given(options), err },
    { args: "run jobs.given a 1 -5", out: given("a", "1", "-5", options), err },
    {
      args: ["run", "jobs.given", "b=2=3", "c:=[3]", "a b", "d="],
      out: given("a b", { ...options, b: "2=3", c: [3], d: "" }),
      err,
    },
    { args: "run jobs.given -- b=2 --dev", out: given("b=2", "--dev", options), err },
    {
      args: "run jobs.given --cpus 2 --gpus=1 --cpu_job false",
      env: { DL_JOBS_GPUS: "1" },
      out: given({ ...options, cpus: 2, gpus: 1, cpuJob: false }),
      err: `GPU job with 1 GPU and 2 CPUs\n${err}`,
    },
    {
      args: "run jobs.given --cpus 2 cpus:=3 cpu_job=x",
      out: given({ ...options, cpus: 3, cpuJob: "x", cpu_job: "x" }),
      err,
    },
    { args: "run jobs.second b=1", out: '{"first":null,"b":"1"}\n', err: said("second", 1) },
    { args: "run jobs.second x b=1", out: '{"first":"x","b":"1"}\n', err: said("second", 1) },
    { args: "run jobs.single", out: '1\n2\n{"a":3}\n', err: said("single", 1) },
  ]);
});

Deno.test("dl_jobs run explains that a run method returns a job that it has not run", async () => {
  await using project = await makeProject();
  const { err, code } = await dlJobs("run jobs.ran", { cwd: project.path });
  assertEquals({ err, code }, {
    err: said("ran", 1) +
      'Error: Cannot run "jobs.ran": it returned a summary of a run, ' +
      "a run method returns a Job or a list of them, without a call of run()\n",
    code: 2,
  });
});

Deno.test("dl_jobs run binds keywords to the parameters of a run method", async (t) => {
  await using project = await makeProject();
  const err = said("tile", 1);
  const tile = (value: unknown) => JSON.stringify(value) + "\n";
  const known = "its parameters are: name, gpus, limit?, scale = 1\n";
  const wrong = (args: string, problem: string) => ({
    args,
    err: `Error: Cannot run "jobs.tile": ${problem}; ${known}`,
    code: 2,
  });
  await checkAll(t, project.path, [
    { args: "run jobs.tile a", out: tile({ name: "a", gpus: 0, scale: 1 }), err },
    {
      args: "run jobs.tile scale:=2 limit=5 name=a",
      out: tile({ name: "a", gpus: 0, limit: "5", scale: 2 }),
      err,
    },
    {
      args: "run jobs.tile a 2 3 4",
      out: tile({ name: "a", gpus: "2", limit: "3", scale: "4" }),
      err,
    },
    wrong("run jobs.tile limit=5", '"name" has no value (write name=VALUE)'),
    wrong("run jobs.tile a limits=5", '"limits" is not a parameter (did you mean limit?)'),
    wrong("run jobs.tile a b=5", '"b" is not a parameter'),
    wrong("run jobs.tile a name=b", '"name" is given twice, also by the argument "a"'),
    wrong("run jobs.tile 1 2 3 4 5", 'no parameter is left for "5"'),
  ]);
});

Deno.test("dl_jobs run: the user's keyword wins over flag, variable and config file", async (t) => {
  await using project = await makeProject({ "dl_jobs.config.yaml": "cpus: 2\n" });
  const err = said("one", 1);
  const env = { DL_JOBS_CPUS: "3" };
  await checkAll(t, project.path, [
    { args: "run jobs.one", out: '{"cpus":2}\n', err },
    { args: "run jobs.one", env, out: '{"cpus":3}\n', err },
    { args: "run jobs.one --cpus 4", env, out: '{"cpus":4}\n', err },
    { args: "run jobs.one --cpus 4 cpus=5", env, out: '{"cpus":"5"}\n', err },
  ]);
});

Deno.test("dl_jobs run runs each job that a run method returns", async (t) => {
  await using project = await makeProject();
  const out = '"a"\n"b"\n';
  const first = said("first", 1), second = said("second", 1);
  const missing = (index: number) =>
    `Warning: element ${index} of the list that jobs.falsy returned is not a job\n`;
  await checkAll(t, project.path, [
    ...["list", "tuple", "set", "generator", "asyncGenerator"].map((method) => ({
      args: `run jobs.${method}`,
      out,
      err: first + second,
    })),
    { args: "run jobs.falsy", out, err: missing(0) + first + second + missing(3) },
    { args: "run jobs.list --no-noisy" },
    { args: "run jobs.list --noisy false" },
    { args: "run jobs.falsy --noisy false", err: missing(0) + missing(3) },
    { args: "run jobs.silent" },
    { args: "run jobs.loud --no-noisy", out: "1\n", err: said("loud", 1) },
  ]);
});

Deno.test("dl_jobs run chooses the engine of a job", async (t) => {
  await using project = await makeProject({ "dl_jobs.config.yaml": "engine: inline\n" });
  const out = "1\n";
  const here = said("p", 1);
  const there = `CPU job with 1 CPU\n${said("p", 1, { engine: "inline" })}`;
  const notThere = "Warning: the job runs on local, not on inline (dl_jobs.config.yaml:1): " +
    "pass --engine inline to run it there\n";
  await checkAll(t, project.path, [
    { args: "run jobs.platform", out, err: notThere + here },
    { args: "run jobs.platform --dev True", out, err: here },
    { args: "run jobs.platform --dev False", out, err: there },
    { args: "run jobs.platform --no-dev", out, err: there },
    { args: "run jobs.platform --engine inline", out, err: there },
    { args: "run jobs.one --no-dev", out: '{"cpus":1}\n', err: notThere + said("one", 1) },
    {
      args: "run jobs.one --engine inline",
      out: '{"cpus":1}\n',
      err: `CPU job with 1 CPU\n${said("one", 1, { engine: "inline" })}`,
    },
  ]);
});

Deno.test("dl_jobs run finds modules in PROJECT_DIR, too", async (t) => {
  await using project = await makeProject({ "elsewhere/a": "" });
  const call = { cwd: `${project.path}/elsewhere`, env: { PROJECT_DIR: ".." } };
  for (const args of ["run run.jobs.one", "run jobs.one --module_dir ../run"]) {
    await t.step(args, async () => {
      const done = await dlJobs(args, call);
      assertEquals(done, { out: '{"cpus":1}\n', err: said("one", 1), code: 0 });
    });
  }
});

Deno.test("dl_jobs run shows what tasks write, and keeps it", async (t) => {
  await using project = await makeProject();
  const [start, end] = said("talks", 1).split("\n", 1).concat(
    said("talks", 1).replace(/^.*\n/, ""),
  );
  const loud = `${start}\nthis is task x\n${end}`;
  await checkAll(t, project.path, [
    { args: "run jobs.talks", out: '"x"\n', err: loud },
    { args: "run jobs.talks --print_logs", out: '"x"\n', err: loud },
    { args: "run jobs.talks --print_logs False", out: '"x"\n', err: said("talks", 1) },
    { args: "run jobs.talks --suppress TASK", out: '"x"\n', err: said("talks", 1) },
    { args: "run jobs.talks --no-noisy", err: "this is task x\n" },
    { args: "run jobs.talks --no-noisy --no-print-logs" },
    { args: "logs", out: "CLOCK 0: this is task x\n" },
  ]);
});

Deno.test("dl_jobs run keeps stdout for results, whatever a run method prints", async () => {
  await using folder = await makeProject({
    "run/talks.ts": `import { Job } from "dl_jobs";
export function job() {
  console.log("two", { tasks: 2 });
  return new Job({ moduleName: "work", methodName: "same", argsList: [1, 2] });
}`,
  });
  const { out, err, code } = await dlJobs("run talks.job --workers 1", { cwd: folder.path });
  assertEquals({ out, code }, { out: "1\n2\n", code: 0 });
  assertEquals(err.split("\n", 1), ["two { tasks: 2 }"]);
});

Deno.test("dl_jobs run shows a message of several lines as it is, also one with frames", async () => {
  const message = "it cannot load\\n    at a/b.js:9 (nor on h2)";
  const folder = await makeProject({
    "run/lost.ts": `import { UsageError } from "dl_jobs";
export function job() {
  throw new UsageError("${message}", { cause: new Error("an error of another process") });
}`,
  });
  await using _folder = folder;
  const { err, code } = await dlJobs("run lost.job", { cwd: folder.path });
  assertEquals([err, code], ["Error: " + message.replace("\\n", "\n") + "\n", 2]);
});
