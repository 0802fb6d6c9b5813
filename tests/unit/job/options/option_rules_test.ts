import type { JobOptions, RunOptions } from "../../../../lib/job/options/options.ts";
import { jobSettings } from "../../../../lib/job/options/settings.ts";
import { chooseImage } from "../../../../lib/compat/image.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";
import { useEnv } from "../../../../lib/util/env.ts";
import { enterFolder } from "../../../support/jobs.ts";

const settingsOf = (options: JobOptions, run: RunOptions = {}) =>
  jobSettings({ name: "work.task", options }, run);

Deno.test("GPUs override a cpu_job of a weaker source only", async (t) => {
  const cases: [file: string, flags: Record<string, unknown>, code: JobOptions, gpus: number][] = [
    ["", { gpus: "1" }, {}, 1],
    ["gpus: 2", {}, {}, 2],
    ["", {}, { gpus: 1 }, 1],
    ["cpu_job: true", { gpus: "1" }, {}, 1],
    ["cpu_job: true\ngpus: 1", {}, {}, 0],
    ["gpus: 1", { cpu_job: "true" }, {}, 0],
    ["gpus: 1", {}, { cpuJob: true }, 0],
    ["", { gpus: "1", cpu_job: "true" }, {}, 0],
    ["", { gpus: "0" }, {}, 0],
  ];
  for (const [file, flags, code, gpus] of cases) {
    await t.step(JSON.stringify([file, flags, code]), async () => {
      await using _folder = await enterFolder({ "dl_jobs.config.yaml": file });
      assertEquals(chooseImage((await settingsOf(code, { flags })).config).gpus, gpus);
    });
  }
});

Deno.test("inline names the options that have no effect, and refuses limited permissions", async () => {
  await using _folder = await enterFolder({ "dl_jobs.config.yaml": "timeout: 5m\n" });
  const { warnings } = await settingsOf({ engine: "inline", memory: "1GB" }, {
    flags: { workers: "2", tasks_per_worker: "1" },
  });
  assertEquals(warnings, [
    "the engine inline ignores workers, tasks_per_worker, memory: it calls the function in this process",
  ]);
  const limited = () => settingsOf({ engine: "inline", permissions: { read: "data" } });
  assertEquals(
    (await assertRejects(limited, UsageError)).message,
    "Cannot limit permissions with --engine inline: the function runs in this process, with all " +
      "its permissions, use --engine local or pass --allow-all",
  );
  const all = await settingsOf({ engine: "inline", permissions: { all: true } });
  assertEquals(all.permissions, ["--allow-all"]);
});

Deno.test("a variable that names an engine is not ignored without a word", async () => {
  await using _folder = await enterFolder();
  using _env = useEnv({ DL_JOBS_ENGINE: "inline" });
  const { engine, warnings } = await settingsOf({});
  assertEquals([engine, warnings], ["local", [
    "the job runs on local, not on inline (DL_JOBS_ENGINE): pass --engine inline to run it there",
  ]]);
});

Deno.test("a config file or options that name an engine are not ignored without a word", async (t) => {
  const on = (engine: string, from: string) =>
    `the job runs on local, not on ${engine} (${from}): pass --engine ${engine} to run it there`;
  const file = "engine: ssh\nssh:\n  hosts: h1\n", fromFile = on("ssh", "dl_jobs.config.yaml:1");
  const cases: [file: string, flags: Record<string, unknown>, code: JobOptions, string[]][] = [
    [file, {}, {}, [fromFile]],
    [file, { is_dev: "false" }, {}, [fromFile]],
    [file, { is_dev: "true" }, {}, []],
    [`${file}is_dev: true`, {}, {}, []],
    [file, {}, { isDev: true }, []],
    [file, {}, { platformJob: false }, []],
    [file, {}, { platformJob: true, isDev: false }, []],
    [file, { engine: "local" }, {}, []],
    [file, { ssh: "hosts=h2" }, {}, [on("ssh", "--ssh")]],
    ["", { slurm: "qos=low" }, {}, [on("slurm", "--slurm")]],
    ["ssh:\n  hosts: h1", {}, {}, []],
    ["", { engine: "ssh", ssh: "hosts=h1" }, { platformJob: true, isDev: false }, []],
  ];
  for (const [file, flags, code, expected] of cases) {
    await t.step(JSON.stringify([file, flags, code]), async () => {
      await using _folder = await enterFolder({ "dl_jobs.config.yaml": file });
      assertEquals((await settingsOf(code, { flags })).warnings, expected);
    });
  }
});

Deno.test("arguments beside a list are not ignored without a word", async () => {
  await using _folder = await enterFolder();
  const warningsOf = async (options: JobOptions) => (await settingsOf(options)).warnings;
  const ignored = [
    "the job ignores args and kwargs: it has argsList, whose elements are the arguments",
  ];
  assertEquals(await warningsOf({ argsList: [1], args: [2] }), ignored);
  assertEquals(await warningsOf({ argsList: 3, kwargs: { a: 1 } }), ignored);
  assertEquals(await warningsOf({ argsList: [1], args: [], kwargs: {} }), []);
  assertEquals(await warningsOf({ argsList: null, args: [1], kwargs: { a: 1 } }), []);
});

Deno.test("taskKwargs are texts of the engine, and no other objects", async () => {
  await using _folder = await enterFolder();
  const { engineOptions } = await settingsOf({
    engine: "slurm",
    taskKwargs: { nice: 5, qos: null, constraint: ["a", "b"] },
  });
  assertEquals(engineOptions, { nice: "5", constraint: "a,b" });
  const wrong = () => settingsOf({ engine: "slurm", taskKwargs: { nice: { a: 1 } } });
  assertEquals(
    (await assertRejects(wrong, UsageError)).message,
    "Cannot use { nice: { a: 1 } } as slurm (option taskKwargs of the job): " +
      "write names and values such as partition=long",
  );
});
