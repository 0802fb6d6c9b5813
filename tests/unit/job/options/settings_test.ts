import { loadConfig } from "../../../../lib/config/load.ts";
import type { JobOptions, RunOptions } from "../../../../lib/job/options/options.ts";
import {
  forceEngine,
  jobSettings,
  limitRemote,
  recordSettings,
} from "../../../../lib/job/options/settings.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assertEquals, assertRejects, assertThrows } from "../../../support/assert.ts";
import { useEnv } from "../../../../lib/util/env.ts";
import { enterFolder } from "../../../support/jobs.ts";
import { recordFor } from "../../job_dir/record_for.ts";

const settingsOf = (options: JobOptions, run: RunOptions = {}) =>
  jobSettings({ name: "work.task", options }, run);

Deno.test("jobSettings() chooses the engine", async (t) => {
  await using _folder = await enterFolder({ "dl_jobs.config.yaml": "engine: slurm\n" });
  const cases: [options: JobOptions, run: RunOptions, engine: string][] = [
    [{}, {}, "local"],
    [{ platformJob: true }, {}, "local"],
    [{ platformJob: true, isDev: false }, {}, "slurm"],
    [{ engine: "inline" }, {}, "inline"],
    [{ engine: "inline", isDev: true }, {}, "local"],
    [{ engine: "inline" }, { flags: { dev: true } }, "local"],
    [{}, { overrides: forceEngine({ engine: "compute" }) }, "compute"],
    [{ engine: "inline" }, { overrides: forceEngine({ workers: 2 }) }, "inline"],
  ];
  for (const [options, run, engine] of cases) {
    await t.step(JSON.stringify([options, run]), async () => {
      const flags = run.flags?.dev ? { is_dev: true } : {};
      const settings = await settingsOf(options, { ...run, flags });
      assertEquals([settings.engine, settings.isPlatform], [engine, engine !== "local"]);
    });
  }
});

Deno.test("jobSettings() takes missing GPUs from a job for a platform that runs here", async (t) => {
  await using _folder = await enterFolder();
  const job = { gpus: 2, cpuJob: false }, dlJob = { import: "work", isCall: true };
  const engine = { flags: { engine: "local" } };
  const cases: [options: JobOptions, run: RunOptions, available: string, gpus: number][] = [
    [{ ...job, platformJob: true }, {}, "1", 0],
    [{ ...job, platformJob: true }, {}, "2", 2],
    [{ ...job, platformJob: false, dlJob }, {}, "1", 0],
    [{ ...job, platformJob: true, isDev: false }, {}, "1", 0],
    [{ ...job, platformJob: true, isDev: false }, engine, "1", 2],
    [job, {}, "1", 2],
  ];
  for (const [options, run, available, gpus] of cases) {
    await t.step(JSON.stringify([options, run, available]), async () => {
      using _ = useEnv({ DL_JOBS_GPUS: available });
      const { config, warnings } = await settingsOf(options, run);
      const warning = "the job runs here without GPUs: it requests 2, and this machine has 1";
      assertEquals([config.gpus, warnings], [gpus, gpus === 0 ? [warning] : []]);
    });
  }
});

Deno.test("jobSettings() parses policies, limits and other structured options", async () => {
  await using _folder = await enterFolder();
  const { retry, halt, permissions, engineOptions, config } = await settingsOf({
    retry: { oom: "3 x2" },
    halt: "5%",
    permissions: { read: "data" },
    engine: "slurm",
    slurm: { qos: "low" },
    taskKwargs: { nice: 5 },
  });
  assertEquals(retry.oom, { attempts: 3, growth: 2 });
  assertEquals(halt, { most: 0.05, isPart: true });
  assertEquals(permissions, ["--allow-read=data"]);
  assertEquals([engineOptions, config.slurm], [{ qos: "low", nice: "5" }, {
    qos: "low",
    nice: "5",
  }]);
});

Deno.test("jobSettings() uses the configuration that has been loaded", async () => {
  await using folder = await enterFolder({ "dl_jobs.config.yaml": "workers: 3\n" });
  const loaded = await loadConfig();
  await folder.write("dl_jobs.config.yaml", "workers: [this is not a number\n");
  assertEquals((await settingsOf({}, { loaded })).config.workers, 3);
});

Deno.test("jobSettings() refuses unknown names and values", async (t) => {
  await using _folder = await enterFolder();
  const cases: [options: Record<string, unknown>, message: RegExp][] = [
    [{ worker: 1 }, /^Cannot use option "worker" of the job: did you mean workers\?$/],
    [{ halt: "some" }, /^Cannot halt after "some"/],
    [{ retry: { fire: "2" } }, /^Cannot retry after "fire"/],
    [{ permissions: { fly: "true" } }, /^Cannot .*"fly"/],
  ];
  for (const [options, message] of cases) {
    await t.step(JSON.stringify(options), async () => {
      const error = await assertRejects(() => settingsOf(options as JobOptions), UsageError);
      assertEquals(message.test(error.message), true, error.message);
    });
  }
});

Deno.test("recordSettings() parses the same settings from the record of a job", async () => {
  await using _folder = await enterFolder();
  const settings = await settingsOf({ halt: "3", retry: { error: "2" }, engine: "slurm" });
  const record = recordFor("x", { engine: settings.engine, options: settings.config });
  assertEquals(recordSettings(record), settings);
});

Deno.test("limitRemote() lets code from the network import from its host only", () => {
  const target = { module: "https://a.test/b.ts", method: "task" };
  const of = (permissions: Record<string, string> | null, engine = "local" as "local" | "inline") =>
    recordSettings(recordFor("x", { engine, options: { ...recordFor("x").options, permissions } }));
  assertEquals(limitRemote(of(null), target).permissions, ["--allow-import=a.test"]);
  assertEquals(limitRemote(of({ read: "d" }), target).permissions, [
    "--allow-import=a.test",
    "--allow-read=d",
  ]);
  assertEquals(limitRemote(of({ read: "d" }), target).config.permissions, {
    import: "a.test",
    read: "d",
  });
  assertEquals(limitRemote(of({ all: "true" }), target).permissions, ["--allow-all"]);
  const here = of({ read: "d" });
  assertEquals(limitRemote(here, { module: "file:///b.ts", method: "task" }), here);
  assertThrows(() => limitRemote(of(null, "inline"), target), UsageError, "all its permissions");
});
