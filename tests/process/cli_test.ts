import { fromFileUrl } from "../../lib/util/paths.ts";
import { type Folder, makeFolder } from "../../tools/support/files.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";

const CLI = fromFileUrl(new URL("../../cli.ts", import.meta.url).href);
const TESTDATA = new URL("../testdata/cli/", import.meta.url);
const FILES = [
  ...["work.ts", "broken.ts", "bursts.ts"],
  ...["run/jobs.ts", "run/broken.ts", "run/bursts.ts"],
];

/** How a command is called. */
interface Call {
  readonly cwd: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What came of a command. */
interface Done {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** One line of a table: a command, and what is expected of it. */
type Case = { readonly args: string | readonly string[] } & Partial<Done & Call>;

/** A folder with the user code of these tests. */
async function makeProject(more: Readonly<Record<string, string>> = {}): Promise<Folder> {
  const texts = await Promise.all(FILES.map((file) => Deno.readTextFile(new URL(file, TESTDATA))));
  return await makeFolder({ ...Object.fromEntries(FILES.map((f, i) => [f, texts[i]!])), ...more });
}

function command(
  args: string | readonly string[],
  { cwd, env = {} }: Omit<Call, "stdin">,
  stdin: "piped" | "null",
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", CLI, ...typeof args === "string" ? words(args) : args],
    cwd,
    env: { NO_COLOR: "1", ...env },
    stdin,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function dlJobs(args: string | readonly string[], call: Call): Promise<Done> {
  const process = command(args, call, call.stdin === undefined ? "null" : "piped");
  if (call.stdin !== undefined) {
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(call.stdin)).catch(() => {});
    await writer.close().catch(() => {});
  }
  const { stdout, stderr, code } = await process.output();
  return { out: plain(stdout, call.cwd), err: plain(stderr, call.cwd), code };
}

function words(line: string): string[] {
  return line.split(" ").filter((word) => word !== "");
}

/** An output without what differs from one run to the next. */
function plain(bytes: Uint8Array, cwd: string): string {
  return new TextDecoder().decode(bytes)
    .replaceAll(cwd, "DIR")
    .replace(/\d{8}T\d{6}-[\da-f]{6}/g, "ID")
    .replace(/\d{8}T\d{6}(-\d+)?/g, "TIME")
    .replace(/, in [\d.]+ m?s/g, ", in MS")
    .replace(/(?<=^ {2}times {3}).*/gm, "TIMES");
}

/** Runs the commands of a table and compares all that comes of them. */
async function checkAll(t: Deno.TestContext, cwd: string, cases: readonly Case[]): Promise<void> {
  for (const { args, out = "", err = "", code = 0, ...call } of cases) {
    await t.step(typeof args === "string" ? args || "(nothing)" : args.join(" "), async () => {
      assertEquals(await dlJobs(args, { cwd, ...call }), { out, err, code });
    });
  }
}

/** What is said of a job that went well, or of one in which a task failed. */
function said(
  name: string,
  total: number,
  { failed = "", engine = "local", results = `results/${name}_TIME.ndjson`, log = true } = {},
): string {
  return [
    `${name}: job ID on ${engine}`,
    `${total - (failed ? 1 : 0)} of ${total} succeeded${failed ? ", 1 failed" : ""}, in MS`,
    ...total < 10 ? [] : ["  times   TIMES"],
    ...failed ? [`  failed  ${failed}`] : [],
    ...results ? [`  results ${results}`] : [],
    ...failed ? [`  errors  errors/${name}_TIME.ndjson`] : [],
    ...log ? [`  log     logs/${name}_TIME.log`] : [],
    ...failed ? ["  next    dl_jobs retry last"] : [],
    "",
  ].join("\n");
}

/** The lines of the only file in a folder. */
async function linesIn(folder: string): Promise<unknown[]> {
  const [file, ...others] = await Array.fromAsync(Deno.readDir(folder));
  assertEquals(others, []);
  const text = await Deno.readTextFile(`${folder}/${file!.name}`);
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

Deno.test("dl_jobs --help lists the commands, and each command has its own help", async (t) => {
  await using folder = await makeFolder();
  const cwd = folder.path;
  const { out, err, code } = await dlJobs("--help", { cwd });
  assertEquals({ err, code }, { err: "", code: 0 });
  assertMatch(out, /^Usage: dl_jobs COMMAND \[arguments\] \[options\]\n/);
  const commands = [...out.split("Options:")[0]!.matchAll(/^ {2}(\w+) {2}/gm)].map(([, name]) =>
    name!
  );
  assertEquals(commands.slice(0, 3), ["run", "map", "test"]);
  for (const name of commands) {
    await t.step(`${name} --help`, async () => {
      const help = await dlJobs(`${name} --help`, { cwd });
      assertEquals({ ...help, out: help.out.split(" ", 3) }, {
        out: ["Usage:", "dl_jobs", name],
        err: "",
        code: 0,
      });
      assertStringIncludes(help.out, "-h, --help");
    });
  }
  await checkAll(t, cwd, [
    { args: "-h", out },
    { args: "help", out },
    { args: "help run", out: (await dlJobs("run x -h", { cwd })).out },
    { args: "", err: out, code: 2 },
  ]);
  assertEquals(await Array.fromAsync(Deno.readDir(cwd)), []);
});

Deno.test("dl_jobs says in one sentence what is wrong with a command line", async (t) => {
  await using project = await makeProject({ "in.ndjson": "1\n" });
  const cases: [string, string][] = [
    ["rnu", 'Cannot find command "rnu": the commands are run, '],
    ["help rnu", 'Cannot find command "rnu": the commands are run, '],
    ["--hepl", 'Cannot use option "--hepl": write it after a command, see --help'],
    ["--dev run x", 'Cannot use option "--dev": write it after a command, see --help'],
    ["run", "Cannot run: no method is named, write dl_jobs run module.method"],
    ["run x --wrokers 3", 'Cannot use option "--wrokers": did you mean --workers?'],
    ["run x --workers", 'Cannot use option "--workers" without a value: write --workers N'],
    [
      "run x --workers many",
      'Cannot use "many" as workers (--workers): write a whole number of at least 1, or null',
    ],
    [
      "run x a:=[1",
      `Cannot read "a:=[1" as JSON: Expected ',' or ']' after array element in JSON at position 2 ` +
      "(line 1 column 3)",
    ],
    [
      "run jbos.task",
      'Cannot find module "jbos" in ./run and .: there are jobs, broken, bursts',
    ],
    ["run broken.f", 'Cannot load run/broken.ts:2:13: Expected ")" but found "{"'],
    ["map", "Cannot map: no task is named, write dl_jobs map work/tiles.ts#mean -"],
    [
      "map wrok.ts in.ndjson",
      "Cannot find wrok.ts: no such file, there are work.ts, broken.ts, bursts.ts",
    ],
    ["map work.same lost", "Cannot read lost: no such file, looked from DIR"],
    ["map work.same in.ndjson lost", "Cannot read lost: no such file, looked from DIR"],
    ["map work.same run", "Cannot read run: it is a folder, give a file"],
    ["map broken.f in.ndjson", 'Cannot load run/broken.ts:2:13: Expected ")" but found "{"'],
    [
      "map work.same in.ndjson -o ./in.ndjson",
      "Cannot write ./in.ndjson: it is also the input, write --output with another file",
    ],
    [
      "map work.same in.ndjson -o run",
      "Cannot write run: Is a directory (os error 21): writefile 'DIR/run'",
    ],
    [
      "test",
      "Cannot test: no number is given, write a number of tasks, such as dl_jobs test 2",
    ],
    [
      "test -1",
      'Cannot test: "-1" is not a whole number, write a number of tasks, such as dl_jobs test 2',
    ],
    [
      "config workers",
      'Cannot use "workers": it is not a key with a value, write one such as workers=4',
    ],
    ["config wrokers=4", 'Cannot use key "wrokers" (command line): did you mean workers?'],
  ];
  for (const [args, expected] of cases) {
    await t.step(args, async () => {
      const { out, err, code } = await dlJobs(args, { cwd: project.path });
      assertEquals({ out, code }, { out: "", code: 2 });
      if (expected.endsWith(", ")) assertStringIncludes(err, `Error: ${expected}`);
      else assertEquals(err, `Error: ${expected}\n`);
    });
  }
});

Deno.test("dl_jobs names the place of a wrong setting", async (t) => {
  await using folder = await makeFolder({ "dl_jobs.config.yaml": "noisy: true\nwrokers: 3\n" });
  await checkAll(t, folder.path, [
    {
      args: "test 1",
      err: 'Error: Cannot use key "wrokers" (DIR/dl_jobs.config.yaml:2): did you mean workers?\n',
      code: 2,
    },
  ]);
  await folder.write("dl_jobs.config.yaml", "");
  await checkAll(t, folder.path, [
    {
      args: "test 1",
      env: { DL_JOBS_WORKERS: "x" },
      err: 'Error: Cannot use "x" as workers (DL_JOBS_WORKERS): ' +
        "write a whole number of at least 1, or null\n",
      code: 2,
    },
  ]);
});

Deno.test("dl_jobs refuses options with words of their own before there is a job", async (t) => {
  await using folder = await makeFolder();
  const cases = [
    ["--halt many", 'Cannot halt after "many": write a number of failures or a part, as 10 or 5%'],
    [
      "--retry slow=3",
      'Cannot retry after "slow": the classes of failure are error, timeout, oom, crash, lost',
    ],
    [
      "--permissions disk=true",
      'Cannot use the permission "disk": write one of ' +
      "read, write, net, env, run, sys, ffi, import, all",
    ],
  ];
  await checkAll(
    t,
    folder.path,
    cases.map(([flag, message]) => ({
      args: `test 1 ${flag}`,
      err: `Error: ${message}\n`,
      out: "",
      code: 2,
    })),
  );
  assertEquals([...Deno.readDirSync(folder.path)], []);
});

Deno.test("dl_jobs run says what is wrong with a run method, with the user's own lines", async (t) => {
  await using project = await makeProject();
  const cases: [string, string, number?][] = [
    ["tsak", 'Cannot find "tsak" in run/jobs.ts: it exports task, '],
    ["notCallable", 'Cannot call "notCallable" of run/jobs.ts: it is not a function\n'],
    [
      "nothing",
      'Cannot run "jobs.nothing": it returned nothing, a run method returns a Job or a list of them\n',
    ],
    [
      "text",
      'Cannot run "jobs.text": it returned a string, a run method returns a Job or a list of them\n',
    ],
    [
      "empty",
      'Cannot run "jobs.empty": it returned a list without a job, ' +
      "a run method returns a Job or a list of them\n",
    ],
    [
      "wrong",
      'Cannot run "jobs.wrong": it returned a list with a number, ' +
      "a run method returns a Job or a list of them\n",
    ],
    [
      "throws",
      `RangeError: no such band
    at inner (file://DIR/run/jobs.ts:50:9)
    at throws (file://DIR/run/jobs.ts:47:10)
`,
      1,
    ],
    [
      "rejects",
      `RangeError: no such band
    at inner (file://DIR/run/jobs.ts:50:9)
    at rejects (file://DIR/run/jobs.ts:54:3)
`,
      1,
    ],
    ["unknownOption", 'Cannot use option "wrokers" of the job: did you mean workers?\n'],
    ["snakeOption", 'Cannot use option "max_attempts" of the job: did you mean maxAttempts?\n'],
    [
      "wrongValue",
      'Cannot use "many" as workers (option workers of the job): ' +
      "write a whole number of at least 1, or null\n",
    ],
    [
      "noModule",
      `Cannot create a job: give either moduleName or fn
    at noModule (file://DIR/run/jobs.ts:65:31)
`,
    ],
    ["lostModule", 'Cannot find module "wrok" in .: there are work, '],
    ["lostMethod", 'Cannot find "smae" in work.ts: it exports same, '],
    ["lostFile", "Cannot read lost.ndjson: no such file, looked from DIR\n"],
    ["folder", "Cannot read run: it is a folder, give a file\n"],
    ["breaks", 'Cannot load broken.ts:2:13: Expected ")" but found "{"\n'],
  ];
  for (const [method, expected, code = 2] of cases) {
    await t.step(method, async () => {
      const done = await dlJobs(`run jobs.${method}`, { cwd: project.path });
      if (expected.endsWith("\n")) {
        assertEquals(done, { out: "", err: `Error: ${expected}`, code });
      } else assertStringIncludes(done.err, `Error: ${expected}`);
    });
  }
});

Deno.test("dl_jobs names the user's line when a module throws as it loads", async (t) => {
  await using project = await makeProject({ "in.ndjson": "1\n" });
  for (
    const [args, file] of [
      ["run bursts.f", "run/bursts.ts"],
      ["run jobs.bursts", "bursts.ts"],
      ["map bursts.ts#f in.ndjson", "bursts.ts"],
      ["map bursts.ts#f in.ndjson --engine inline", "bursts.ts"],
    ] as const
  ) {
    await t.step(args, async () => {
      const { out, err, code } = await dlJobs(args, { cwd: project.path });
      assertEquals({ out, code }, { out: "", code: 2 });
      const message = err.slice(err.indexOf("Error: "));
      assertMatch(message, /^Error: Cannot load [^\n]*Error: not today\n/);
      const frames = message.trimEnd().split("\n").slice(1).map((line) =>
        line.replace(/^.*?(file:.*?)\)?$/, "$1")
      );
      assertEquals(frames, [`file://DIR/${file}:4:9`, `file://DIR/${file}:6:18`]);
    });
  }
});

Deno.test("dl_jobs run hands over arguments, keywords and options", async (t) => {
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
      out: given({ ...options, cpus: 3, cpu_job: "x" }),
      err,
    },
    { args: "run jobs.second b=1", out: '{"first":null,"b":"1"}\n', err: said("second", 1) },
    { args: "run jobs.second x b=1", out: '{"first":"x","b":"1"}\n', err: said("second", 1) },
    { args: "run jobs.single", out: '1\n2\n{"a":3}\n', err: said("single", 1) },
  ]);
});

Deno.test("dl_jobs run: user over option over variable over config file", async (t) => {
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
  ]);
});

Deno.test("dl_jobs run: where a job runs", async (t) => {
  await using project = await makeProject({ "dl_jobs.config.yaml": "engine: inline\n" });
  const out = "1\n";
  const here = said("p", 1);
  const there = `CPU job with 1 CPU\n${said("p", 1, { engine: "inline" })}`;
  await checkAll(t, project.path, [
    { args: "run jobs.platform", out, err: here },
    { args: "run jobs.platform --dev True", out, err: here },
    { args: "run jobs.platform --dev False", out, err: there },
    { args: "run jobs.platform --no-dev", out, err: there },
    { args: "run jobs.platform --engine inline", out, err: there },
    { args: "run jobs.one --no-dev", out: '{"cpus":1}\n', err: said("one", 1) },
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
    { args: "logs", out: "0: this is task x\n" },
  ]);
});

Deno.test("dl_jobs run keeps stdout for results, whatever a run method says", async () => {
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

Deno.test("dl_jobs run exits with 1 when a task fails", async () => {
  await using project = await makeProject();
  const done = await dlJobs("run jobs.fails", { cwd: project.path });
  assertEquals(done, { out: "1\n2\n", err: said("fails", 3, { failed: "task 0: no 0" }), code: 1 });
  assertEquals(await linesIn(`${project.path}/results`), [1, 2]);
  assertEquals(await linesIn(`${project.path}/errors`), [{
    ERROR: "no 0",
    ARGS: 0,
    type: "Error",
    class: "error",
    stack: `Error: no 0\n    at thirds (file://${project.path}/work.ts:5:26)`,
    task: 0,
    attempts: 1,
  }]);
});

Deno.test("dl_jobs run exits with 1 when an element of a list is a failure", async () => {
  await using folder = await makeFolder({
    "run/lists.ts": `import { Job } from "dl_jobs";
export const task = (x: number) => [x, { ERROR: "no " + x }];
export const job = () => new Job({ moduleName: import.meta.url, argsList: [1] });`,
  });
  const { out, err, code } = await dlJobs("run lists.job --no-log", { cwd: folder.path });
  assertEquals([out, code], ["1\n", 1]);
  assertStringIncludes(err, "1 of 1 succeeded, 1 failed inside lists, in MS\n");
  assertStringIncludes(err, "errors  errors/lists");
});

Deno.test("dl_jobs run puts results and errors where the options say", async (t) => {
  const cases: [string, Record<string, unknown[]>][] = [
    ["lists", { "results/lists_TIME.ndjson": [1, [2], 3] }],
    ["lists --grouped-results", { "results/lists_TIME.ndjson": [[1, [2]], 3, []] }],
    ["lists --no-results-timestamp", { "results/lists.ndjson": [1, [2], 3] }],
    ["lists --save_results=july", { "results/july_TIME.ndjson": [1, [2], 3] }],
    ["lists --no-save-results", {}],
    ["lists --results_dir a/b", { "a/b/lists_TIME.ndjson": [1, [2], 3] }],
    ['named name:="a b/c"', { "results/a.b.c_TIME.ndjson": [7] }],
    ["fails --save_errors=bad --errors_dir e", {
      "e/bad_TIME.ndjson": ["no 0"],
      "results/fails_TIME.ndjson": [1, 2],
    }],
    ["fails --no-save-errors", { "results/fails_TIME.ndjson": ["no 0", 1, 2] }],
    ["fails --no-save-results", { "errors/fails_TIME.ndjson": ["no 0"] }],
    ["fails --no-save-results --no-save-errors", {}],
  ];
  for (const [args, expected] of cases) {
    await t.step(args, async () => {
      await using project = await makeProject();
      const argv = ["run", `jobs.${args.split(" ")[0]}`, "--no-log", ...splitQuoted(args).slice(1)];
      const { code } = await dlJobs(argv, { cwd: project.path });
      assertEquals(code, args.startsWith("fails") ? 1 : 0);
      assertEquals(await readAll(project.path), expected);
    });
  }
});

/** Words, where what stands between quotes is one; the quotes stay. */
function splitQuoted(line: string): string[] {
  return line.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
}

/** Each ndjson file that a job wrote into a project, errors as their messages. */
async function readAll(root: string): Promise<Record<string, unknown[]>> {
  const found: Record<string, unknown[]> = {};
  const walk = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(`${root}/${folder}`)) {
      if (name === ".dl_jobs") continue;
      if (isDirectory) await walk(`${folder}${name}/`);
      if (!name.endsWith(".ndjson")) continue;
      const text = await Deno.readTextFile(`${root}/${folder}${name}`);
      const values = text.trimEnd().split("\n").map((line) => JSON.parse(line));
      const key = plain(new TextEncoder().encode(folder + name), root);
      found[key] = values.map((value) => value?.ERROR ?? value);
    }
  };
  await walk("");
  return found;
}

Deno.test("dl_jobs run adds to a file without a timestamp", async () => {
  await using project = await makeProject();
  for (let round = 0; round < 2; round++) {
    const { code } = await dlJobs("run jobs.fails --no-results-timestamp", { cwd: project.path });
    assertEquals(code, 1);
  }
  const { "results/fails.ndjson": results, "errors/fails.ndjson": errors } = await readAll(
    project.path,
  );
  assertEquals([results, errors], [[1, 2, 1, 2], ["no 0", "no 0"]]);
});

Deno.test("dl_jobs map reads stdin and files, and writes stdout or a file", async (t) => {
  await using project = await makeProject({ "a.ndjson": "1\r\n\n2", "b.ndjson": '{"x":[3]}\n' });
  const same = (total: number) => said("work.same", total, { results: "" });
  await checkAll(
    t,
    project.path,
    [
      { args: "map work.same -", stdin: "1\n2\n3\n", out: "1\n2\n3\n", err: same(3) },
      { args: "map work.same", stdin: '["a"]\n', out: '["a"]\n', err: same(1) },
      { args: "map work.same", stdin: "", err: same(0) },
      { args: "map work.ts#same a.ndjson", out: "1\n2\n", err: same(2) },
      { args: "map ./work.ts#same a.ndjson b.ndjson", out: '1\n2\n{"x":[3]}\n', err: same(3) },
      {
        args: "map work.same b.ndjson - a.ndjson",
        stdin: "4\n",
        out: '{"x":[3]}\n4\n1\n2\n',
        err: same(4),
      },
      {
        args: "map work.same a.ndjson --output out.ndjson",
        err: said("work.same", 2, { results: "DIR/out.ndjson" }),
      },
      { args: "map work.same out.ndjson --no-noisy --save_results", out: "1\n2\n" },
    ].map((one) => ({ ...one, args: `${one.args} --workers 1 --ordered` })),
  );
  assertEquals(await Deno.readTextFile(`${project.path}/out.ndjson`), "1\n2\n");
});

Deno.test("dl_jobs map --ordered gives results in the order of the list", async () => {
  await using project = await makeProject();
  const numbers = Array.from({ length: 2000 }, (_, i) => `${i}\n`).join("");
  const done = await dlJobs("map work.same - --ordered --workers 3 --chunk 7", {
    cwd: project.path,
    stdin: numbers,
  });
  assertEquals(done, { out: numbers, err: said("work.same", 2000, { results: "" }), code: 0 });
});

Deno.test("dl_jobs map makes one error of a line that is no JSON, and goes on", async () => {
  await using project = await makeProject({ "in.ndjson": '1\n\n{"a":1,}\n3\n' });
  const done = await dlJobs("map work.same in.ndjson --ordered", { cwd: project.path });
  const failed = "task 1: Cannot read in.ndjson:3:8: Expected double-quoted property name";
  const err = said("work.same", 3, { failed, results: "" });
  assertEquals(done, { out: "1\n3\n", err, code: 1 });
  assertEquals(await linesIn(`${project.path}/errors`), [{
    ERROR: "Cannot read in.ndjson:3:8: Expected double-quoted property name",
    ARGS: '{"a":1,}',
    type: "SyntaxError",
    class: "error",
    task: 1,
    attempts: 1,
  }]);
});

Deno.test("dl_jobs map: whatever a task does, the others go on", async () => {
  await using project = await makeProject();
  const input = Array.from({ length: 30 }, (_, i) => i);
  const { out, code } = await dlJobs("map work.mixed - --ordered", {
    cwd: project.path,
    stdin: input.map((x) => `${x}\n`).join(""),
  });
  const isGood = (x: number) => x % 3 !== 2 && x !== 3 && x !== 4;
  assertEquals(code, 1);
  assertEquals(out, input.filter(isGood).map((x) => `${x}\n`).join(""));
  const errors = await linesIn(`${project.path}/errors`) as { ARGS: number; ERROR: string }[];
  const reason = (x: number) =>
    x === 3
      ? "Cannot write result: JSON has no BigInt, give it as a string or a number"
      : x === 4
      ? "the task called exit(3)"
      : `thrown for ${x}`;
  assertEquals(
    errors.map(({ ARGS, ERROR }) => [ARGS, ERROR]).sort((a, b) => Number(a[0]) - Number(b[0])),
    input.filter((x) => !isGood(x)).map((x) => [x, reason(x)]),
  );
  const logs = await dlJobs("logs", { cwd: project.path });
  assertEquals(logs, { out: "1: no newline\n", err: "", code: 0 });
});

Deno.test("dl_jobs test gives back its arguments", async (t) => {
  await using folder = await makeFolder();
  const echo = (value: unknown) => JSON.stringify(value) + "\n";
  const ok = (total: number) =>
    said("test", total, { log: false, ...total > 0 ? {} : { results: "" } });
  await checkAll(t, folder.path, [
    { args: "test 0 --ordered", err: ok(0) },
    { args: "test 1", out: echo({ args: [], options: {} }), err: ok(1) },
    {
      args: "test 1 a hello=world n:=2 --cpus 3",
      out: echo({ args: ["a"], hello: "world", n: 2, options: { cpus: "3" } }),
      err: ok(1),
    },
    {
      args: "test 3 a --ordered",
      out: [0, 1, 2].map((task_id) => echo({ task_id, args: ["a"], options: { ordered: "true" } }))
        .join(""),
      err: ok(3),
    },
    {
      args: "test 1 platform=true --no-dev --no-noisy --save_results=x",
    },
  ]);
  assertEquals((await readAll(folder.path))["results/x_TIME.ndjson"], [
    { args: [], options: { isDev: "false", noisy: "false", saveResults: "x" } },
  ]);
});

Deno.test("dl_jobs config writes a file once, and shows what is in force", async (t) => {
  await using folder = await makeFolder();
  await checkAll(t, folder.path, [
    { args: "config workers=3", err: "Wrote DIR/dl_jobs.config.yaml\n" },
    {
      args: "config workers=4",
      err: "Error: Cannot write DIR/dl_jobs.config.yaml: it exists, use --force to overwrite it\n",
      code: 2,
    },
    { args: "config workers=5 -f", err: "Wrote DIR/dl_jobs.config.yaml\n" },
  ]);
  const { out, err, code } = await dlJobs("config --info", { cwd: folder.path });
  assertEquals({ err, code }, { err: "DIR/dl_jobs.config.yaml\n", code: 0 });
  assertMatch(out, /^workers +5 +DIR\/dl_jobs\.config\.yaml:\d+$/m);
});

Deno.test("dl_jobs ends quietly when nobody reads on", async () => {
  await using project = await makeProject();
  const process = command("map work.same -", { cwd: project.path }, "piped");
  const input = new Blob(Array.from({ length: 200_000 }, (_, i) => `${i}\n`)).stream();
  const writing = input.pipeTo(process.stdin).catch(() => {});
  const reader = process.stdout.getReader();
  await reader.read();
  await reader.cancel();
  const [{ code }, err] = await Promise.all([process.status, new Response(process.stderr).text()]);
  await writing;
  assertEquals([code, plain(new TextEncoder().encode(err), project.path)], [
    141,
    "work.same: job ID on local\n",
  ]);
});

Deno.test("dl_jobs ends on a signal with what is done, and with 130", async (t) => {
  await using project = await makeProject();
  const stopping =
    "Stopping: running tasks may finish, Ctrl-C again ends them, dl_jobs resume runs the rest\n";
  const canceled = "1 of 3 succeeded, 2 canceled, in MS\n  next    dl_jobs resume last\n";
  const cases: [string, Deno.Signal, string][] = [
    ["map work.waits - --grace 50ms", "SIGINT", canceled],
    ["map work.waits - --grace 50ms", "SIGTERM", canceled],
    ["run jobs.hangs", "SIGINT", ""],
  ];
  for (const [args, signal, end] of cases) {
    await t.step(`${args} ${signal}`, async () => {
      const process = command(`${args} --no-log`, { cwd: project.path }, "piped");
      await new Blob(["0\n1\n2\n"]).stream().pipeTo(process.stdin);
      const reader = process.stdout.getReader();
      await reader.read();
      process.kill(signal);
      reader.releaseLock();
      const { code, stderr } = await process.output();
      const start = args.startsWith("map") ? "work.waits: job ID on local\n" : "";
      assertEquals([code, plain(stderr, project.path)], [130, start + stopping + end]);
    });
  }
});
