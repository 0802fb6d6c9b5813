import {
  defaultConfig,
  loadConfig,
  type LoadedConfig,
  parseOption,
} from "../../../lib/config/load.ts";
import { IMAGES } from "../../../lib/compat/image_keys.ts";
import { type Config, ENGINES } from "../../../lib/config/options.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";

const DEFAULTS: Config = {
  engine: "local",
  isDev: true,
  workers: null,
  concurrency: 1,
  maxAttempts: 1,
  retry: {},
  backoff: 1_000,
  halt: null,
  grace: 10_000,
  reuse: false,
  timeout: null,
  memory: null,
  chunk: null,
  ordered: false,
  permissions: null,
  env: {},
  cpus: 1,
  gpus: 0,
  cpuJob: true,
  cpuImage: IMAGES.py36,
  gpuImage: IMAGES.py36_gpu,
  slurm: {},
  compute: {},
  moduleDir: "run",
  defaultMethod: "task",
  noisy: true,
  quiet: false,
  progress: "auto",
  suppress: ["DeprecationWarning", "FutureWarning"],
  printLogs: true,
  saveResults: true,
  resultsDir: "results",
  resultsTimestamp: true,
  groupedResults: false,
  saveErrors: true,
  errorsDir: "errors",
  log: true,
  logDir: "logs",
};

/** A directory with this config file, with a directory `a/b` below. */
async function makeDir(text?: string): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir();
  await Deno.mkdir(`${path}/a/b`, { recursive: true });
  // The file counts up to the root of a project.
  await Deno.writeTextFile(`${path}/deno.json`, "{}");
  if (text !== undefined) await Deno.writeTextFile(`${path}/dl_jobs.config.yaml`, text);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** Returns the values of a config file and the messages, with `DIR` for the directory. */
async function loadText(text: string): Promise<LoadedConfig> {
  await using dir = await makeDir(text);
  return await loadConfig({ cwd: dir.path, env: {} });
}

async function loadMessage(text: string): Promise<string> {
  await using dir = await makeDir(text);
  const load = () => loadConfig({ cwd: dir.path, env: {} });
  const { message } = await assertRejects(load, UsageError);
  return message.replaceAll(dir.path, "DIR");
}

Deno.test("defaultConfig() has every key in camelCase", () => {
  assertEquals(defaultConfig(), DEFAULTS);
});

Deno.test("loadConfig() returns the defaults when nothing is set", async () => {
  await using dir = await makeDir();
  const { values, sources, file, warnings } = await loadConfig({ cwd: dir.path, env: {} });
  assertEquals(values, DEFAULTS);
  assertEquals(new Set(Object.values(sources)), new Set(["default"]));
  assertEquals([file, warnings], [undefined, []]);
});

Deno.test("loadConfig() prefers the later layer, and records the origin of each value", async () => {
  await using dir = await makeDir("# mine\nworkers: 2\n\nlog_dir: x\ngpus: 1\ntimeout: 90\n");
  const { values, sources, file } = await loadConfig({
    cwd: `${dir.path}/a/b`,
    env: { DL_JOBS_WORKERS: "3", DL_JOBS_LOG_DIR: "y", DL_JOBS_GPUS: "8", DL_JOBS_WORKER: "4" },
    flags: { log_dir: "z", is_dev: "no", chunk: undefined },
  });
  const path = `${dir.path}/dl_jobs.config.yaml`;
  const expected = { workers: 3, logDir: "z", gpus: 1, isDev: false, timeout: 90_000 };
  assertEquals(values, { ...DEFAULTS, ...expected });
  const { workers, logDir, gpus, isDev, timeout, chunk } = sources;
  assertEquals(
    { workers, logDir, gpus, isDev, timeout, chunk },
    {
      workers: "DL_JOBS_WORKERS",
      logDir: "--log_dir",
      gpus: `${path}:5`,
      isDev: "--dev",
      timeout: `${path}:6`,
      chunk: "default",
    },
  );
  assertEquals(file, path);
});

Deno.test("loadConfig() reads the nearest file only", async () => {
  await using dir = await makeDir("workers: 2\nchunk: 5\n");
  await Deno.writeTextFile(`${dir.path}/a/dl_jobs.config.yaml`, "workers: 3\n");
  const { values } = await loadConfig({ cwd: `${dir.path}/a/b/`, env: {} });
  assertEquals(values, { ...DEFAULTS, workers: 3 });
});

Deno.test("loadConfig() ignores an empty variable", async () => {
  await using dir = await makeDir();
  const { values } = await loadConfig({ cwd: dir.path, env: { DL_JOBS_WORKERS: "" } });
  assertEquals(values, DEFAULTS);
});

Deno.test("loadConfig() reads a file that is empty or has comments only", async (t) => {
  for (const text of ["", "\n", "# nothing\n", "---\n", "{}\n"]) {
    await t.step(JSON.stringify(text), async () => {
      assertEquals((await loadText(text)).values, DEFAULTS);
    });
  }
});

Deno.test("loadConfig() reads a file that the Python package wrote", async (t) => {
  const cases: [string, Partial<Config>][] = [
    ["is_dev: 'false'", { isDev: false }],
    ["cpu_job: None", { cpuJob: false }],
    ["noisy:", { noisy: false }],
    ["gpus: '0'", { gpus: 0 }],
    ["cpus: '0.5'", { cpus: 0.5 }],
    ["save_results: 'false'", { saveResults: false }],
    ["save_errors: Yes", { saveErrors: true }],
    ["log: july", { log: "july" }],
    ["suppress: [DeprecationWarning]", { suppress: ["DeprecationWarning"] }],
    ["suppress:\n- a\n- b\r\n", { suppress: ["a", "b"] }],
    ["gpu_image: us.gcr.io/p/image:v1", { gpuImage: "us.gcr.io/p/image:v1" }],
    ["cpu_image: py27", { cpuImage: IMAGES.py27 }],
    ["results_dir: 2019", { resultsDir: "2019" }],
  ];
  for (const [text, expected] of cases) {
    await t.step(text, async () => {
      assertEquals((await loadText(text)).values, { ...DEFAULTS, ...expected });
    });
  }
});

Deno.test("loadConfig() ignores a retired key, with a warning", async () => {
  await using dir = await makeDir("noisy: false\ndls_root: dl_jobs\n");
  const { values, warnings } = await loadConfig({ cwd: dir.path, env: {} });
  const where = `${dir.path}/dl_jobs.config.yaml:2`;
  assertEquals(values, { ...DEFAULTS, noisy: false });
  assertEquals(warnings, [`dls_root (${where}) is retired and has no effect: remove it`]);
});

Deno.test("loadConfig() names the invalid line of the file and the reason", async (t) => {
  const file = "DIR/dl_jobs.config.yaml";
  const cases: [string, string][] = [
    ["# x\n\nwrokers: 1", `Cannot use key "wrokers" (${file}:3): did you mean workers?`],
    ['"wrokers" : 1', `Cannot use key "wrokers" (${file}:1): did you mean workers?`],
    ["{ wrokers: 1 }", `Cannot use key "wrokers" (${file}): did you mean workers?`],
    [
      "noisy: true\nworkers: many",
      `Cannot use "many" as workers (${file}:2): write a whole number of at least 1, or null`,
    ],
    [
      "env: [1]",
      `Cannot use [ 1 ] as env (${file}:1): write names and values such as A=1,B=2`,
    ],
    [
      "- workers",
      `Cannot read ${file}: its top level is not a map of options, write lines like workers: 4`,
    ],
    [
      "noisy: true\nnoisy: false",
      `Cannot read ${file}:2 as YAML: Cannot store mapping pair: duplicated key`,
    ],
    [
      "suppress: [a",
      `Cannot read ${file}:2 as YAML: Cannot read flow collection: unexpected end of the stream within a flow collection`,
    ],
  ];
  for (const [text, expected] of cases) {
    await t.step(text, async () => assertEquals(await loadMessage(text), expected));
  }
});

Deno.test("loadConfig() names the invalid variable or flag", async (t) => {
  await using dir = await makeDir();
  const cases: [Parameters<typeof loadConfig>[0], string][] = [
    [
      { env: { DL_JOBS_GPUS: "x", DL_JOBS_ENGINE: "slrum" } },
      `Cannot use "slrum" as engine (DL_JOBS_ENGINE): write one of ${ENGINES.join(", ")}`,
    ],
    [
      { env: {}, flags: { is_dev: "maybe" } },
      `Cannot use "maybe" as is_dev (--dev): write true or false`,
    ],
    [{ env: {}, flags: { chunks: 1 } }, `Cannot use key "chunks" (--chunks): did you mean chunk?`],
  ];
  for (const [options, expected] of cases) {
    await t.step(expected, async () => {
      const load = () => loadConfig({ cwd: dir.path, ...options });
      assertEquals((await assertRejects(load, UsageError)).message, expected);
    });
  }
});

Deno.test("parseOption() accepts snake_case and camelCase", async () => {
  assertEquals(await parseOption("max_attempts", "3", "here"), 3);
  assertEquals(await parseOption("maxAttempts", 3, "here"), 3);
  const wrong = await assertRejects(() => parseOption("maxAttemps", 3, "job options"), UsageError);
  assertEquals(
    wrong.message,
    `Cannot use key "maxAttemps" (job options): did you mean max_attempts?`,
  );
});
