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
  final: null,
  halt: null,
  rate: null,
  grace: 10_000,
  reuse: false,
  timeout: null,
  memory: null,
  maxResult: 256e6,
  inspectable: false,
  chunk: null,
  tasksPerWorker: null,
  nan: null,
  bigIntegers: "number",
  ordered: false,
  permissions: null,
  env: {},
  envFile: [],
  python: null,
  sandbox: null,
  cpus: 1,
  gpus: 0,
  cpuJob: true,
  cpuImage: IMAGES.py36,
  gpuImage: IMAGES.py36_gpu,
  ssh: {},
  kubernetes: {},
  slurm: {},
  compute: {},
  moduleDir: "run",
  defaultMethod: "task",
  noisy: true,
  quiet: false,
  progress: "auto",
  suppress: ["DeprecationWarning", "FutureWarning"],
  notify: null,
  on: {},
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

Deno.test("loadConfig() reads every plain value of the file as it is written", async (t) => {
  const cases: [yaml: string, text: string][] = [
    ["1.10", "1.10"],
    ["0123", "0123"],
    ["12345678901234567890", "12345678901234567890"],
    ["0x10", "0x10"],
    ["1e3", "1e3"],
    ["1_000", "1_000"],
    [".5", ".5"],
    ["+1", "+1"],
    ["yes", "yes"],
    ["True", "True"],
    ["2020-01-01", "2020-01-01"],
    ["12:30:45", "12:30:45"],
    [".inf", ".inf"],
    ['"null"', "null"],
    ["'~'", "~"],
    ["a, b=2", "a, b=2"],
    ["|\n    one\n    two", "one\ntwo\n"],
    ["!!str 1.10", "1.10"],
    ["&x 1.10", "1.10"],
  ];
  for (const [yaml, text] of cases) {
    await t.step(yaml, async () => {
      const { values } = await loadText(`env:\n  A: ${yaml}\n  1.10: x\nresults_dir: 2020-01-01\n`);
      assertEquals(values, {
        ...DEFAULTS,
        env: { A: text, "1.10": "x" },
        resultsDir: "2020-01-01",
      });
    });
  }
});

Deno.test("loadConfig() reads numbers and switches that are plain values", async (t) => {
  const cases: [text: string, expected: Partial<Config>][] = [
    ["workers: 010", { workers: 10 }],
    ["chunk: 1e3", { chunk: 1000 }],
    ["slurm: { partition: 0123, time: 1:00, exclusive: True }", {
      slurm: { partition: "0123", time: "1:00", exclusive: "true" },
    }],
    ["permissions: { net: True, read: [a, 1.10] }", {
      permissions: { net: "true", read: "a,1.10" },
    }],
    ["timeout: ~", {}],
    ["workers: null", {}],
  ];
  for (const [text, expected] of cases) {
    await t.step(text, async () => {
      assertEquals((await loadText(text)).values, { ...DEFAULTS, ...expected });
    });
  }
});

Deno.test("loadConfig() warns of variables that set no option", async () => {
  await using dir = await makeDir();
  const env = {
    ...{ DL_JOBS_WORKER: "4", DL_JOBS_DEV: "no", DL_JOBS_TEST_INSTALL: "1", DL_JOBS_GPUS: "1" },
    ...{ DL_JOBS_TASK: "7", DL_JOBS_QUIET: "yes", DL_JOBS_GPU: "2" },
  };
  const { values, warnings } = await loadConfig({ cwd: dir.path, env });
  assertEquals(values, { ...DEFAULTS, quiet: true });
  assertEquals(warnings, [
    "DL_JOBS_WORKER sets no option and is ignored: did you mean DL_JOBS_WORKERS?",
    "DL_JOBS_DEV sets no option and is ignored: did you mean DL_JOBS_IS_DEV?",
    "DL_JOBS_GPU sets no option and is ignored: no variable sets gpus, pass --gpus",
  ]);
});

Deno.test("loadConfig() warns of a variable of env that older versions split", async () => {
  await using dir = await makeDir();
  const { values, warnings } = await loadConfig({
    cwd: dir.path,
    env: { DL_JOBS_ENV: "A=1,B=2" },
    flags: { noisy: "no" },
  });
  assertEquals(values.env, { A: "1,B=2" });
  assertEquals(warnings, [
    "env (DL_JOBS_ENV) sets one variable, A, with a comma in its value: write --env once for each " +
    "variable to set several",
  ]);
});

Deno.test("loadConfig() ignores a retired key, with a warning", async () => {
  await using dir = await makeDir("noisy: false\ndls_root: modules/dev\n");
  await using old = await makeDir("dls_root: dl_jobs\n");
  const { values, warnings } = await loadConfig({ cwd: dir.path, env: {} });
  assertEquals((await loadConfig({ cwd: old.path, env: {} })).warnings, []);
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
      `Cannot use "many" as workers (${file}:2): write a percentage of the CPUs such as 50%, or a whole number of at least 1, or null`,
    ],
    [
      "env: [1]",
      `Cannot use the value of env (${file}:1): write NAME=VALUE, or the NAME of a variable that is set`,
    ],
    [
      "env: { A: null }",
      `Cannot use A as env (${file}:1): its value is not a text, write it in quotes`,
    ],
    [
      "maxAttempts: 2\nmax_attempts: 3",
      `Cannot use key "max_attempts" (${file}:2): the option max_attempts is set twice, remove one`,
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
      "env:\n  <<: {A: b}\n  C: d",
      `Cannot read ${file}:2 as YAML: merge keys (<<) are not supported, write the entries themselves`,
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
