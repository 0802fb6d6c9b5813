/**
 * SQL over the tasks of jobs.
 *
 * @module
 */

import { listJobs } from "../../../lib/job_dir/find.ts";
import { jobFiles, jobFolder, jobIdOf } from "../../../lib/job_dir/layout.ts";
import { exists } from "../../../lib/util/files/fs.ts";
import { until } from "../../../tools/support/until.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../support/assert.ts";
import { cli, endOf, enterFolder, kill, runJob, startCli } from "../../support/jobs.ts";
import { skipSuffix, whyNoProgram } from "../../support/programs.ts";

const WORK = `
  export const echo = (x) => x;
  export const odd = (x) => {
    if (x % 2 === 0) throw new RangeError("even: " + x);
    return { x, text: "ü \\n" };
  };
  export const tenfold = (x) => x === 1 ? { x: 10 } : { x, text: "ü \\n" };
  export const wait = async (x) => {
    if (x > 1) while (true) await new Promise((resolve) => setTimeout(resolve, 1e6));
    return x;
  };
`;

const SUM = "export const formula = () => '=1+1';";

const ALL = "select task, state, attempts, class, error, args, result from tasks order by task";

async function query(sql: string, ...rest: readonly string[]): Promise<string[]> {
  const { code, stdout, stderr } = await cli(["query", sql, ...rest, "--format", "ndjson"]);
  assertEquals(code, 0, stderr);
  return stdout.split("\n").slice(0, -1);
}

/** Runs a job over values, and returns its folder. */
async function run(name: string, argsList: readonly unknown[], more = {}): Promise<string> {
  const job = {
    moduleName: `./work.ts#${name}`,
    argsList,
    engine: "inline",
    suppress: ["warning"],
    ...more,
  } as const;
  return (await runJob(job)).paths.folder;
}

/** Returns a row of {@linkcode ALL}, as JSON. */
function row(task: number, state: string, attempts: number, cells: {
  class?: string;
  error?: string;
  args: unknown;
  result?: unknown;
}): string {
  const { class: kind = null, error = null, args, result = null } = cells;
  return JSON.stringify({ task, state, attempts, class: kind, error, args, result });
}

Deno.test("query returns the tasks of a job, with failures, retries, nulls and Unicode", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  const folder = await run("odd", [1, 2, 3], { maxAttempts: 2 });
  const ok = (x: number) => ({ args: x, result: { x, text: "ü \n" } });
  const failed = { class: "error", error: "even: 2", args: 2 };
  const rows = [
    row(0, "succeeded", 1, ok(1)),
    row(1, "failed", 2, failed),
    row(2, "succeeded", 1, ok(3)),
  ];
  assertEquals(await query(ALL), rows);
  assertEquals(Deno.statSync(jobFiles(folder).tables).mode! & 0o777, 0o600);
  const none = await cli(["query", "select * from tasks where task > 5"]);
  assertEquals(none, { code: 0, stdout: "", stderr: "The query returned no rows\n" });
  const sum = "select state, count(*) as n from tasks group by state order by n";
  assertEquals(await cli(["query", sum, "last"]), {
    code: 0,
    stdout: "state      n\nfailed     1\nsucceeded  2\n",
    stderr: "",
  });
});

Deno.test("query keeps the digits of arguments and results, and lines that are not JSON", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  const lines = [
    "123456789012345678901",
    '{"a":9007199254740993}',
    "no JSON",
    "null",
    '"\\ud800"',
    "",
  ];
  await cli(["map", "-q", "--", "cat", "{}"], { input: lines.join("\n") });
  await cli(["map", "work.ts#echo", "-q"], { input: `${lines.slice(0, 3).join("\n")}\n` });
  assertEquals(await query("select args, args ->> 'a' as a from tasks where json_valid(args)"), [
    '{"args":123456789012345678901,"a":null}',
    '{"args":{"a":9007199254740993},"a":9007199254740993}',
    '{"args":"no JSON","a":null}',
  ]);
  const sql = "select 9223372036854775807 as i, 1e999 as f, x'00ff' as b, null as n, 1.0 as r";
  assertEquals(await query(sql), [
    '{"i":9223372036854775807,"f":1e999,"b":"00ff","n":null,"r":1}',
  ]);
});

Deno.test("query returns whole texts with a NUL, in the order of the SQL, and blobs as hex", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  await run("echo", ["a\0b", "a", "\0"]);
  const sql = `select args ->> '$' as text, x'00ff' as "a;b" from tasks order by task desc; -- end`;
  assertEquals(await query(sql), [
    '{"text":"\\u0000","a;b":"00ff"}',
    '{"text":"a","a;b":"00ff"}',
    '{"text":"a\\u0000b","a;b":"00ff"}',
  ]);
  const [plan] = await query("explain query plan select 1");
  assertStringIncludes(plan!, "SCAN");
});

Deno.test("a table says that it has apostrophes before formulas, and --raw leaves them out", async () => {
  await using folder = await enterFolder({ "work.ts": WORK, "sum.ts": SUM });
  await run("odd", [1, 2]);
  const sql = ["query", "select '=1+1' as a from tasks limit 1"];
  const guarded = "An apostrophe is before a cell of ";
  const csv = await cli([...sql, "--format", "csv"]);
  assertEquals(csv.stdout, "a\n'=1+1\n");
  assertStringIncludes(csv.stderr, `${guarded}the rows, `);
  assertEquals((await cli([...sql, "--format", "tsv", "--raw"])).stdout, "a\n=1+1\n");
  assertStringIncludes((await cli([...sql, "-o", "a.csv"])).stderr, `${guarded}a.csv, `);
  await cli([...sql, "-o", "a.csv", "--raw"]);
  assertEquals(Deno.readTextFileSync(`${folder.path}/a.csv`), "a\n=1+1\n");
  assertStringIncludes((await cli([...sql, "--raw"])).stderr, "Cannot use --raw for stdout");
  const reduced = ["results", "--reduce", "sum.ts#formula", "--format", "csv"];
  assertStringIncludes((await cli(reduced)).stderr, guarded);
  const failure = "export const f = () => { throw new Error('=1+1'); };";
  await folder.write("fails.ts", failure);
  await runJob({ moduleName: "./fails.ts#f", argsList: [1] });
  assertStringIncludes(
    (await cli(["results", "--errors", "--format", "csv"])).stderr,
    guarded,
  );
});

Deno.test("query does not replace a file that a job reads", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK, "list.ndjson": "1\n" });
  await cli(["map", "work.ts#echo", "list.ndjson"]);
  const { code, stderr } = await cli(["query", "select 1", "-o", "list.ndjson"]);
  assertEquals(code, 2);
  assertMatch(stderr, /^Error: Cannot write list.ndjson: the job reads it, /);
  assertEquals(Deno.readTextFileSync("list.ndjson"), "1\n");
});

Deno.test("query reads jobs without tasks, with only failures, with reused results, and many", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  await run("echo", []);
  assertEquals(await query("select count(*) as n from tasks"), ['{"n":0}']);
  const files = jobFiles(jobFolder(listJobs()[0]!));
  for (const path of [files.tasks, files.sums, files.spans]) {
    if (exists(path)) Deno.removeSync(path);
  }
  assertEquals(await query("select count(*) as n from tasks"), ['{"n":0}']);
  await run("odd", [2, 4]);
  const states = "select state, count(*) as n from tasks group by state";
  assertEquals(await query(states), ['{"state":"failed","n":2}']);
  await run("echo", [1, 2]);
  await run("echo", [2, 3], { reuse: true });
  assertEquals(await query("select task, state, result from tasks order by task"), [
    '{"task":0,"state":"succeeded","result":2}',
    '{"task":1,"state":"succeeded","result":3}',
  ]);
  for (let i = 0; i < 8; i++) await run("echo", [i]);
  const [, second = "", ...rest] = listJobs();
  const jobs = "select count(distinct job) as jobs, count(*) as n from tasks";
  assertEquals(await query(jobs, "--all"), ['{"jobs":11,"n":14}']);
  assertEquals(await query(jobs, second, rest.at(-1)!, second), ['{"jobs":2,"n":3}']);
});

Deno.test("query makes new tables after a resume, a retry, and damage of the tables", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  const folder = await run("odd", [1, 2, 3, 5]), { tables } = jobFiles(folder);
  const states = "select group_concat(state, ' ' order by task) as all_states from tasks";
  const all = (...expected: string[]) => [JSON.stringify({ all_states: expected.join(" ") })];
  kill(folder, { events: ({ id }) => id === 0 });
  assertEquals(await query(states), all("succeeded", "pending", "pending", "pending"));
  await cli(["resume", "-q"]);
  const done = all("succeeded", "failed", "succeeded", "succeeded");
  assertEquals(await query(states), done);
  const first = Deno.statSync(tables).ino;
  await query(states);
  assertEquals(Deno.statSync(tables).ino, first);
  Deno.writeTextFileSync("work.ts", WORK.replace("x % 2 === 0", "false"));
  await cli(["retry", "-q"]);
  assertEquals(await query("select attempts, state from tasks where task = 1"), [
    '{"attempts":2,"state":"succeeded"}',
  ]);
  const bytes = Deno.readFileSync(tables),
    at = bytes.findIndex((_, i) => i > 8192 && bytes[i] === 115);
  bytes[at] = 120;
  Deno.writeFileSync(tables, bytes);
  assertEquals(await query(states), all("succeeded", "succeeded", "succeeded", "succeeded"));
  Deno.writeTextFileSync(tables, "no database");
  Deno.writeTextFileSync(`${tables}.new`, "left by a killed process");
  assertEquals(await query(states), all("succeeded", "succeeded", "succeeded", "succeeded"));
  assert(!exists(`${tables}.new`));
  assertEquals((await cli(["verify"])).code, 0);
});

Deno.test("query refuses a damaged journal and a damaged list", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  const folder = await run("echo", [1, 2, 3]), { events, tasks } = jobFiles(folder);
  await query(ALL);
  for (const [path, message] of [[events, "events.ndjson"], [tasks, "tasks.ndjson"]] as const) {
    const bytes = Deno.readFileSync(path);
    Deno.writeFileSync(path, bytes.with(path === events ? 60 : 0, 57));
    const { code, stdout, stderr } = await cli(["query", ALL]);
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, `${message} is damaged`);
    Deno.writeFileSync(path, bytes);
  }
});

Deno.test("query --all leaves out damaged jobs, names them, and exits with 1", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  const { code: none, stderr } = await cli(["query", ALL, "--all"]);
  assertEquals(none, 2);
  assertMatch(
    stderr,
    /^Error: Cannot find a job: .* has no jobs, start one or go to the folder where it began\n$/,
  );
  const [first, second] = [await run("echo", [1, 2, 3]), await run("echo", [4])];
  const third = await run("echo", [5]);
  const { events } = jobFiles(first), bytes = Deno.readFileSync(events);
  Deno.writeFileSync(events, bytes.with(60, 57));
  Deno.writeTextFileSync(jobFiles(third).record, "{");
  const count = ["query", "select count(*) as n from tasks", "--all", "--json"];
  const found = await cli(count);
  assertEquals([found.code, JSON.parse(found.stdout).rows[0].n], [1, 1]);
  const [record, journal, end] = found.stderr.split("\n");
  assertStringIncludes(record!, `Warning: job ${jobIdOf(third)} is left out: `);
  assertMatch(
    journal!,
    /^Warning: job \S+ is left out: Cannot read job .*events\.ndjson is damaged/,
  );
  assertEquals(end, "");
  Deno.removeSync(second, { recursive: true });
  const all = await cli(count);
  assertEquals([all.code, JSON.parse(all.stdout).error.code], [1, "job_damaged"]);
  assertStringIncludes(all.stderr, `Error: Cannot read job ${jobIdOf(first)}: events.ndjson`);
});

Deno.test("query reads a job while it runs, and keeps no tables of it", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  const running = startCli(["map", "work.ts#wait", "-q", "--workers", "1"]);
  const writer = running.stdin.getWriter();
  await writer.write(new TextEncoder().encode("0\n1\n2\n3\n"));
  const states = "select state, count(*) as n from tasks group by state order by state";
  const found = await until(async () => {
    const { code, stdout } = await cli(["query", states, "--format", "ndjson"]);
    return code === 0 && stdout.includes('"succeeded","n":2') ? stdout : undefined;
  }, "two results");
  assertEquals(found, '{"state":"pending","n":2}\n{"state":"succeeded","n":2}\n');
  assert(!exists(jobFiles(jobFolder(listJobs()[0]!)).tables));
  running.kill("SIGKILL");
  await writer.close().catch(() => {});
  await endOf(running);
});

Deno.test("query only reads, and explains mistakes in SQL", async (t) => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  await run("echo", ["a"]);
  const columns = "job, task, state, attempts, ms, worker, memory, cpu, class, error, args, result";
  const only = "a query only reads";
  const cases: readonly [sql: string, message: string][] = [
    ["selec 1", 'near "selec": syntax error at column 1'],
    ["select 1\nfrm tasks frm", 'near "tasks": syntax error at line 2, column 5'],
    ["select 1 from taskz", "no such table: taskz at column 15; the table is tasks"],
    [
      "select n from tasks",
      `no such column: n at column 8; the columns of tasks are ${columns}; texts are in single quotes`,
    ],
    ["select (1", "incomplete input; it ends too early"],
    ["select json_extract('x', '$')", "malformed JSON"],
    ["select 1; drop table tasks", "it has several statements, write only one"],
    ["delete from job0.tasks returning *", `attempt to write a readonly database; ${only}`],
    ["attach 'x.sqlite' as x", "it returns no rows, write a select"],
    ["vacuum into 'x.sqlite'", "it returns no rows, write a select"],
    ["", "it returns no rows, write a select"],
  ];
  for (const [sql, message] of cases) {
    await t.step(sql, async () => {
      const expected = { code: 2, stdout: "", stderr: `Error: Cannot run the query: ${message}\n` };
      assertEquals(await cli(["query", sql]), expected);
      assert(!exists("x.sqlite"));
    });
  }
  await t.step("one statement may end with a semicolon", async () => {
    assertEquals(await query("select ';' as x; -- the end"), ['{"x":";"}']);
  });
  await t.step("two columns with one name", async () => {
    const { code, stderr } = await cli(["query", "select 1 a, 2 a", "--json"]);
    const message = 'Error: Cannot write the rows: two columns are named "a", rename one with as\n';
    assertEquals([code, stderr], [2, message]);
    assertEquals((await cli(["query", "select 1 a, 2 a"])).stdout, "a  a\n1  2\n");
  });
});

Deno.test("query --diff compares two jobs by their arguments", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  await run("odd", [1, 2, 3, 5, 5, 9]);
  await run("tenfold", [7, 5, 3, 2, 1, 5, 5]);
  const [a = "", b = ""] = listJobs();
  const changes = [
    ["same", 3],
    ["changed", 1],
    ["newly succeeded", 1],
    ["only in A", 1],
    ["only in B", 2],
  ];
  const counts = await cli(["query", "--diff", a, b]);
  const table = changes.map(([change, n]) => `${String(change).padEnd(15)}      ${n}\n`).join("");
  assertEquals(counts, { code: 0, stdout: `change           tasks\n${table}`, stderr: "" });
  const rows = "select change, a_task, b_task, args, a_result from diff where change <> 'same'";
  const diff = await cli(["query", "--diff", rows, a, b, "--format", "ndjson"]);
  const result = (x: number) => ({ x, text: "ü \n" });
  assertEquals(diff.stdout.trimEnd().split("\n").map((line) => JSON.parse(line)), [
    { change: "changed", a_task: 0, b_task: 4, args: 1, a_result: result(1) },
    { change: "newly succeeded", a_task: 1, b_task: 3, args: 2, a_result: null },
    { change: "only in A", a_task: 5, b_task: null, args: 9, a_result: result(9) },
    { change: "only in B", a_task: null, b_task: 0, args: 7, a_result: null },
    { change: "only in B", a_task: null, b_task: 6, args: 5, a_result: null },
  ]);
  const back = await cli(["query", "--diff", b, a]);
  assertMatch(back.stdout, /newly failed +1\n/);
  const same = await cli(["query", "--diff", a, a]);
  assertEquals([same.code, same.stderr], [
    2,
    "Error: Cannot compare a job with itself: name two jobs\n",
  ]);
});

Deno.test("query survives SIGKILL while the tables are made", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  const count = 20_000,
    folder = await run("echo", Array.from({ length: count }, (_, i) => i), {
      saveResults: false,
    });
  const { tables } = jobFiles(folder);
  const killed = startCli(["query", "select 1"]);
  await until(() => exists(`${tables}.new`) || exists(tables), "the file of the tables");
  killed.kill("SIGKILL");
  await endOf(killed);
  assertEquals(await query("select count(*) as n, sum(result) as s from tasks"), [
    `{"n":${count},"s":${count * (count - 1) / 2}}`,
  ]);
});

const whyNoPython = await whyNoProgram("python3");

Deno.test({
  name: `the tables and the files of query are read by other programs${skipSuffix(whyNoPython)}`,
  ignore: whyNoPython !== undefined,
  async fn() {
    await using _folder = await enterFolder({ "work.ts": WORK });
    const { tables } = jobFiles(await run("odd", [1, 2]));
    await query(ALL);
    await cli(["query", "select task, error, result, args from tasks", "-o", "rows.csv"]);
    const program = `
import csv, json, sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute("select task, state, error, args, result from tasks").fetchall()
print(json.dumps([rows, list(csv.reader(open("rows.csv", encoding="utf-8")))]))
`;
    const { stdout } = await new Deno.Command("python3", { args: ["-c", program, tables] })
      .output();
    const result = '{"x":1,"text":"ü \\n"}';
    assertEquals(JSON.parse(new TextDecoder().decode(stdout)), [
      [[0, "succeeded", null, "1", result], [1, "failed", "even: 2", "2", null]],
      [["task", "error", "result", "args"], ["0", "", result, "1"], ["1", "even: 2", "", "2"]],
    ]);
  },
});
