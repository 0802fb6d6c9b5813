/**
 * Messages about a wrong command line, setting or module.
 *
 * @module
 */

import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../../support/assert.ts";
import { checkAll, dlJobs, makeProject } from "./commands.ts";

Deno.test("dl_jobs explains an invalid command line in one sentence", async (t) => {
  await using project = await makeProject({ "in.ndjson": "1\n" });
  const cases: [string, string][] = [
    ["rnu", 'Cannot find command "rnu": did you mean run?'],
    ["sttus", 'Cannot find command "sttus": did you mean status?'],
    ["kill", 'Cannot find command "kill": did you mean cancel?'],
    ["ls", 'Cannot find command "ls": did you mean jobs?'],
    ["start", 'Cannot find command "start": did you mean map?'],
    [
      "map --resume",
      'Cannot use option "--resume" with map: it is a command, write dl_jobs resume',
    ],
    [
      "set --max-attempts 3",
      'Cannot use option "--max-attempts" with set: write max_attempts=VALUE, without dashes',
    ],
    ["help rnu", 'Cannot find command "rnu": did you mean run?'],
    ["versoin", 'Cannot find command "versoin": did you mean version?'],
    [
      "work.ts#same in.ndjson",
      'Cannot find command "work.ts#same": write dl_jobs map work.ts#same for a function',
    ],
    [
      "map in.ndjson work.ts#same",
      "Cannot map: in.ndjson is a list, write the function first: dl_jobs map work.ts#same in.ndjson",
    ],
    [
      "map - work.ts#same",
      "Cannot map: - is a list, write the function first: dl_jobs map work.ts#same -",
    ],
    [
      "map in.ndjson --",
      "Cannot map: in.ndjson is a list, write a function before it, as in dl_jobs map " +
      "work/tiles.ts#mean in.ndjson, or a program after --, as in dl_jobs map in.ndjson -- echo {}",
    ],
    [
      "map ./in.ndjson",
      "Cannot map: ./in.ndjson is a list, write a function before it, as in dl_jobs map " +
      "work/tiles.ts#mean ./in.ndjson, or a program after --, as in dl_jobs map ./in.ndjson -- echo {}",
    ],
    [
      "map work.ts#same --input in.ndjson",
      'Cannot use "in.ndjson" as input (--input): write one of ndjson, json, geojson, lines, csv, ' +
      "tsv, parquet, or null; the file of the list follows the function, without a flag",
    ],
    ["map work.ts:same in.ndjson", "Cannot find work.ts:same: write work.ts#same"],
    ["map work.same in.ndjson --out x", 'Cannot use option "--out": did you mean --output?'],
    [
      "jobs failed",
      'Cannot list "failed": write --state or --name to choose jobs, or dl_jobs status ' +
      "failed for one job",
    ],
    ["completions bash extra", 'Cannot use "extra": the shell is bash, name one shell'],
    [
      "query last --diff select\u00a01",
      'Cannot find job "select\u00a01": write the SQL before the jobs, such as query "select class, ' +
      'count(*) from tasks group by class" last',
    ],
    [
      "replay last 1 2",
      "Cannot replay: no task is named, write a job and the number of a task, such as ",
    ],
    ...["jobs --since", "clean --older-than"].map((words): [string, string] => [
      `${words} yesterday`,
      `Cannot use ${
        words.split(" ")[1]
      } "yesterday": write a duration such as 12h or 2d, or a date ` +
      "such as 2026-11-30",
    ]),
    ["--hepl", 'Cannot use option "--hepl": did you mean --help?'],
    ["--versoin", 'Cannot use option "--versoin": did you mean --version?'],
    ["-v", 'Cannot use option "-v": did you mean --version?'],
    ["--dev run x", 'Cannot use option "--dev": write it after a command, see --help'],
    [
      "retry --reduce f",
      'Cannot use option "--reduce" with retry: it belongs to run, map, results',
    ],
    ["run x --grid y=1", 'Cannot use option "--grid" with run: it belongs to map'],
    ["run", "Cannot run: no method is named, write dl_jobs run module.method"],
    ["run x --wrokers 3", 'Cannot use option "--wrokers": did you mean --workers?'],
    ["run x --workers", 'Cannot use option "--workers" without a value: write --workers N'],
    [
      "run x --workers many",
      'Cannot use "many" as workers (--workers): write a percentage of the CPUs such as 50%, or a whole number of at least 1, or null',
    ],
    [
      "run x a:=[1",
      `Cannot read "a:=[1" as JSON: Expected ',' or ']' after array element in JSON at position 2 ` +
      "(line 1 column 3)",
    ],
    [
      "run jbos.task",
      'Cannot find module "jbos" in ./run and .: the modules there are jobs, broken, bursts',
    ],
    ["run broken.f", 'Cannot load run/broken.ts:2:13: Expected ")" but found "{"'],
    [
      "map",
      "Cannot map: no task is named, write dl_jobs map work/tiles.ts#mean - for a function, or " +
      "dl_jobs map - -- convert {} '{|stem}.png' for a program",
    ],
    [
      "map wrok.ts in.ndjson",
      "Cannot find wrok.ts: no such file; the modules there are work.ts, broken.ts, bursts.ts",
    ],
    [
      "map work.same lost",
      "Cannot read lost: no such file (relative paths start at DIR); for values, write " +
      "dl_jobs map work.same ::: 1 2",
    ],
    ["map work.same lost.txt", "Cannot read lost.txt: no such file (relative paths start at DIR)"],
    [
      "map work.same 1..9",
      "Cannot read 1..9: no such file (relative paths start at DIR); for numbers, write " +
      "seq 1 9 | dl_jobs map work.same -",
    ],
    [
      "map work.ts same in.ndjson",
      "Cannot read same: no such file (relative paths start at DIR); for a function of the " +
      "module, write work.ts#same",
    ],
    [
      "map env {} ::: a",
      'Cannot find module "env" in ./run and .: the modules there are jobs, broken, bursts; ' +
      "to run the program env, write it after --, as in dl_jobs map -- env {} ::: VALUES",
    ],
    [
      "map work.same in.ndjson lost",
      "Cannot read lost: no such file (relative paths start at DIR)",
    ],
    [
      "map work.same - in.ndjson -",
      "Cannot read stdin twice: its bytes can be read only once, name it once",
    ],
    [
      "map work.same run",
      "Cannot read run: it is a folder, not a file, write 'glob:run/*' for the paths in it",
    ],
    ["map broken.f in.ndjson", 'Cannot load run/broken.ts:2:13: Expected ")" but found "{"'],
    [
      "map work.same in.ndjson -o ./in.ndjson",
      "Cannot write ./in.ndjson: the job reads it, write --output with another file",
    ],
    ["map work.same in.ndjson -o run", "Cannot write run: it is a folder, name a file in it"],
    [
      "map work.same in.ndjson -o my/new/out.ndjson",
      "Cannot write my/new/out.ndjson: there is no folder my/new, create it with mkdir -p my/new",
    ],
    [
      "map work.same in.ndjson --output=",
      "Cannot write to an empty path: name the file of --output",
    ],
    [
      "test",
      "Cannot test: no number is given, write a number of tasks, such as dl_jobs test 2",
    ],
    [
      "test 10000000000",
      "Cannot test: 10000000000 is more than 10000000, " +
      "write a number of tasks, such as dl_jobs test 2",
    ],
    [
      "test -1",
      'Cannot test: "-1" is not a whole number, write a number of tasks, such as dl_jobs test 2',
    ],
    [
      "config workers",
      'Cannot use "workers": it is not a key with a value, write one such as workers=4, ' +
      "or dl_jobs config --info to see all values",
    ],
    ["config wrokers=4", 'Cannot use key "wrokers" (command line): did you mean workers?'],
    ["config a-b=4", 'Cannot use key "a_b" (command line): see dl_jobs config --info for the keys'],
  ];
  for (const [args, expected] of cases) {
    await t.step(args, async () => {
      const { out, err, code } = await dlJobs(args, { cwd: project.path });
      assertEquals({ out, code }, { out: "", code: 2 });
      if (expected.endsWith(" ")) assertStringIncludes(err, `Error: ${expected}`);
      else assertEquals(err, `Error: ${expected}\n`);
    });
  }
});

Deno.test("dl_jobs names the commands that have an option before a similar option", async (t) => {
  await using folder = await makeFolder();
  for (const name of ["config", "report"]) {
    await t.step(name, async () => {
      const { err } = await dlJobs(`${name} --json`, { cwd: folder.path });
      const start = `Error: Cannot use option "--json" with ${name}: it belongs to jobs, status, `;
      assertStringIncludes(err, start);
    });
  }
  for (const name of ["run", "map", "test"]) {
    await t.step(name, async () => {
      const { err } = await dlJobs(`${name} 1 --json`, { cwd: folder.path });
      assertEquals(
        err,
        `Error: Cannot use option "--json" with ${name}: write --progress json for messages as JSON\n`,
      );
    });
  }
});

Deno.test("dl_jobs logs, report and status explain what they cannot find, write or read", async () => {
  await using folder = await makeFolder();
  const { path: cwd } = folder;
  assertEquals((await dlJobs("test 2 -q", { cwd })).code, 0);
  const logs = await dlJobs("logs --task 99", { cwd });
  assertMatch(logs.err, /^Error: Cannot find task 99: the list of job \S+ is shorter\n$/);
  assertEquals([logs.out, logs.code], ["", 2]);
  assertEquals((await dlJobs("logs --task 1", { cwd })).code, 0);
  const report = await dlJobs("report --out no/x.html", { cwd });
  assertMatch(report.err, /^Error: Cannot write no\/x.html: .*, name another file with --out\n$/);
  assertEquals(report.code, 2);
  await Deno.remove(`${cwd}/.dl_jobs`, { recursive: true });
  await folder.write(".dl_jobs", "");
  for (const args of ["status", "jobs"]) {
    const { err, code } = await dlJobs(args, { cwd });
    assertMatch(
      err,
      /^Error: Cannot read the jobs in .*\.dl_jobs: Not a directory .*, fix this and try again\n$/,
    );
    assertEquals(code, 2);
  }
});

Deno.test("dl_jobs warns of a file that has almost the name of the config file", async () => {
  await using folder = await makeFolder({ "dl_jobs.config.yml": "workers: 3\n" });
  const { err } = await dlJobs("test 1", { cwd: folder.path });
  assertStringIncludes(
    err,
    "Warning: dl_jobs.config.yml has no effect: the config file is dl_jobs.config.yaml, rename it\n",
  );
});

Deno.test("dl_jobs names the list of commands when none is similar", async () => {
  await using folder = await makeFolder();
  const { err, code } = await dlJobs("xylophone", { cwd: folder.path });
  assertStringIncludes(
    err,
    'Error: Cannot find command "xylophone": dl_jobs --help lists the commands',
  );
  assertEquals(code, 2);
});

Deno.test("dl_jobs shows its version for each of the usual words", async (t) => {
  await using folder = await makeFolder();
  for (const word of ["--version", "-V", "version"]) {
    await t.step(word, async () => {
      const { out, code } = await dlJobs(word, { cwd: folder.path });
      assertMatch(out, /^dl_jobs \d+\.\d+\.\d+.*\ndeno /);
      assertEquals(code, 0);
    });
  }
});

Deno.test("dl_jobs names the place of an invalid setting", async (t) => {
  await using folder = await makeFolder({ "dl_jobs.config.yaml": "noisy: true\nwrokers: 3\n" });
  await checkAll(t, folder.path, [
    {
      args: "test 1",
      err: 'Error: Cannot use key "wrokers" (DIR/dl_jobs.config.yaml:2): did you mean workers?\n',
      code: 2,
    },
  ]);
  await folder.write("dl_jobs.config.yaml", "noisy: true\non:\n  strat: ls\n");
  await checkAll(t, folder.path, [
    {
      args: "test 1",
      err: 'Error: Cannot run a command on "strat": the events are end and failures ' +
        "(DIR/dl_jobs.config.yaml:2)\n",
      code: 2,
    },
  ]);
  await folder.write("dl_jobs.config.yaml", "");
  await checkAll(t, folder.path, [
    {
      args: "test 1",
      env: { DL_JOBS_WORKERS: "x" },
      err: 'Error: Cannot use "x" as workers (DL_JOBS_WORKERS): ' +
        "write a percentage of the CPUs such as 50%, or a whole number of at least 1, or null\n",
      code: 2,
    },
  ]);
});

Deno.test("dl_jobs refuses invalid policies and limits before it creates a job", async (t) => {
  await using folder = await makeFolder();
  const cases = [
    [
      "--halt many",
      'Cannot halt after "many": write a number or share of failures, such as 10 or 5% (--halt)',
    ],
    [
      "--retry slow=3",
      'Cannot retry after "slow": the classes of failure are error, timeout, oom, crash, lost, ' +
      "limited (--retry)",
    ],
    [
      "--permissions disk=true",
      'Cannot use the permission "disk": write one of ' +
      "read, write, net, env, run, sys, ffi, import, all (--permissions)",
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

Deno.test("dl_jobs run explains errors of a run method, with the user's own lines", async (t) => {
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
      'Cannot run "jobs.text": it returned a string, a run method returns a Job or a list of them; ' +
      "to call it for each element of a list, write dl_jobs map jobs.text LIST\n",
    ],
    ["Group", 'Cannot run "jobs.Group": it is a class, a run method is a function\n'],
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
      "write a percentage of the CPUs such as 50%, or a whole number of at least 1, or null\n",
    ],
    [
      "noModule",
      `Cannot create a job: set one of moduleName, fn and command
    at noModule (file://DIR/run/jobs.ts:65:31)
`,
    ],
    ["lostModule", 'Cannot find module "wrok" in .: the modules there are work, '],
    ["lostMethod", 'Cannot find "smae" in work.ts: it exports same, '],
    ["lostFile", "Cannot read lost.ndjson: no such file (relative paths start at DIR)\n"],
    [
      "folder",
      "Cannot read run: it is a folder, not a file, write 'glob:run/*' for the paths in it\n",
    ],
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
