import type { SizedJob } from "../../lib/cli/json_types.ts";
import { STORE } from "../../lib/job_dir/layout.ts";
import { listJobs } from "../../lib/job_dir/find.ts";
import { readRecord } from "../../lib/job_dir/record.ts";
import { formatDuration, zonedTime } from "../../lib/util/time/duration.ts";
import { exists } from "../../lib/util/files/fs.ts";
import type { Folder } from "../../tools/support/files.ts";
import { until } from "../../tools/support/until.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { cli, endOf, enterFolder, kill, readLines, runJob, startCli } from "../support/jobs.ts";

const OK = '{"schema_version":1,"ok":true,';

const WORK = `
  export const task = (x) => {
    console.log("saw", x);
    if (x === 3) throw new RangeError("three, of all");
    return { x, text: 'a "b", ü\\n' };
  };
  export const list = (x) => x === 0 ? { a: 1 } : { a: 1, b: 2 };
  export const scalar = (x) => x > 1 ? [x] : "text";
`;

/** A folder with three jobs: `alpha`, which has a failure, `beta` and `gamma`. */
async function makeJobs(): Promise<Folder> {
  const folder = await enterFolder({ "work.ts": WORK });
  const options = { workers: 1, ordered: true, groupedResults: true };
  const alpha = { moduleName: "./work.ts#task", name: "alpha", argsList: [1, 2, 3, 4] };
  await runJob({ ...options, ...alpha });
  await runJob({ ...options, moduleName: "./work.ts#list", name: "beta", argsList: 2 });
  await runJob({ ...options, moduleName: "./work.ts#scalar", name: "gamma", argsList: 3 });
  return folder;
}

Deno.test("jobs lists the jobs of a folder", async () => {
  {
    await using _folder = await enterFolder();
    const none = { code: 0, stdout: "", stderr: "There are no jobs in .dl_jobs\n" };
    assertEquals(await cli(["jobs"]), none);
    const stdout = '{"schema_version":1,"ok":true,"jobs":[]}\n';
    assertEquals(await cli(["jobs", "--json"]), { ...none, stdout, stderr: "" });
  }
  await using _folder = await makeJobs();
  const ids = await listJobs();
  kill(`${STORE}/${ids[1]}`, { read: 1 });
  const { stdout } = await cli(["jobs", "--json"]);
  const { jobs } = JSON.parse(stdout);
  const counts = (total: number, succeeded: number, failed: number) => ({
    total,
    succeeded,
    failed,
  });
  const expected = [
    { name: "alpha", state: "failed", ...counts(4, 3, 1) },
    { name: "beta", state: "interrupted", ...counts(2, 1, 0) },
    { name: "gamma", state: "succeeded", ...counts(3, 3, 0) },
  ].map((job, i) => ({ id: ids[i], ...job, engine: "local" }));
  assertEquals(
    jobs.map((
      { started: _started, ended: _ended, bytes, ...job }: SizedJob,
    ) => [job, bytes > 1000]),
    expected.map((job) => [job, true]) as never,
  );
  const rows = (await cli(["jobs"])).stdout.trimEnd().split("\n");
  const columns = rows.map((row) => row.split(/ {2,}/).slice(0, 6));
  assertEquals(columns, [
    ["id", "name", "state", "tasks", "succeeded", "failed"],
    [ids[0], "alpha", "failed", "4", "3", "1"],
    [ids[1], "beta", "interrupted", "2", "1", "0"],
    [ids[2], "gamma", "succeeded", "3", "3", "0"],
  ] as string[][]);
});

Deno.test("status shows the state of a job and the next command", async () => {
  await using folder = await makeJobs();
  const ids = await listJobs();
  const { stdout } = await cli(["status", "alpha"]);
  const record = readRecord(`${folder.path}/${STORE}/${ids[0]}`);
  const { results, errors } = record.files as { results: string; errors: string };
  assertEquals(
    stdout,
    [
      `job      ${ids[0]}`,
      "name     alpha",
      "engine   local",
      "state    failed",
      "tasks    4: 3 succeeded, 1 failed, 0 pending",
      "failed   task 2: RangeError: three, of all",
      `code     ${record.code.slice(0, 12)}`,
      `started  ${zonedTime(new Date(record.started))}`,
      `ended    ${zonedTime(new Date(record.ended!))}`,
      `took     ${formatDuration(record.ms!)}`,
      `results  ${results}`,
      `errors   ${errors}`,
      `folder   ${folder.path}/${STORE}/${ids[0]}`,
      `next     dl_jobs retry ${ids[0]}`,
    ].map((line) => line + "\n").join(""),
  );
  const json = JSON.parse((await cli(["status", "alpha", "--json"])).stdout);
  assertEquals(json, {
    ...{ schema_version: 1, ok: true },
    ...{ id: ids[0], name: "alpha", engine: "local", started: record.started, ended: record.ended },
    ...{ state: "failed", counts: { total: 4, succeeded: 3, failed: 1 }, ms: record.ms },
    ...{
      code: { hash: record.code },
      errors: [{ message: "three, of all", count: 1, task: 2, type: "RangeError" }],
    },
    ...{ place: [], folder: `${folder.path}/${STORE}/${ids[0]}`, files: { results, errors } },
  });
});

Deno.test("a job is found by its id, a part of the id, its name, or `last`", async (t) => {
  await using _folder = await makeJobs();
  const [alpha, beta, gamma] = await listJobs();
  const found: [called: string[], id: string][] = [
    [[], gamma!],
    [["last"], gamma!],
    [[alpha!], alpha!],
    [[beta!.slice(-6)], beta!],
    [["beta"], beta!],
  ];
  for (const [called, id] of found) {
    await t.step(called.join() || "nothing", async () => {
      assertEquals(JSON.parse((await cli(["status", ...called, "--json"])).stdout).id, id);
    });
  }
  const ambiguous = alpha!.slice(0, 8);
  const wrong: [called: string[], message: string][] = [
    [["unknown"], 'Cannot find job "unknown": dl_jobs jobs lists the jobs of this folder'],
    [["a", "b"], 'Cannot use "b": the command accepts one job, and a is already named'],
    [
      [ambiguous],
      `Cannot choose a job: "${ambiguous}" is part of the ids ${
        [alpha, beta, gamma].join(", ")
      }; ` +
      "type more of the id",
    ],
  ];
  for (const command of ["status", "results", "logs", "resume", "retry", "cancel"]) {
    for (const [called, message] of command === "status" ? wrong : wrong.slice(0, 1)) {
      await t.step(`${command} ${called.join(" ")}`, async () => {
        const said = await cli([command, ...called]);
        assertEquals(said, { code: 2, stdout: "", stderr: `Error: ${message}\n` });
      });
    }
  }
});

Deno.test("results prints what the tasks returned, in every format", async (t) => {
  await using _folder = await makeJobs();
  const value = (x: number) => JSON.stringify({ x, text: 'a "b", ü\n' });
  const cases: [args: string[], stdout: string][] = [
    [["alpha"], `${value(1)}\n${value(2)}\n${value(4)}\n`],
    [["alpha", "--ordered"], `${value(1)}\n${value(2)}\n${value(4)}\n`],
    [
      ["alpha", "--with-args"],
      [1, 2, 4].map((x) => `{"id":${x - 1},"args":${x},"result":${value(x)}}\n`).join(""),
    ],
    [["alpha", "--format", "json"], `[\n${value(1)},\n${value(2)},\n${value(4)}\n]\n`],
    [["alpha", "--json"], `${OK}"results":[\n${value(1)},\n${value(2)},\n${value(4)}\n]\n}\n`],
    [
      ["alpha", "--format", "csv"],
      `x,text\n${[1, 2, 4].map((x) => `${x},"a ""b"", ü\n"\n`).join("")}`,
    ],
    [
      ["alpha", "--format", "table"],
      'x  text\n1  a "b", ü\n2  a "b", ü\n4  a "b", ü\n',
    ],
    [["beta", "--format", "table"], "a  b\n1\n1  2\n"],
    [["beta", "--format", "csv"], "a,b\n1,\n1,2\n"],
    [["gamma"], '"text"\n"text"\n[2]\n'],
    [["gamma", "--format", "csv"], "result\ntext\ntext\n[2]\n"],
    [["gamma", "--errors"], ""],
    [["gamma", "--errors", "--json"], `${OK}"errors":[]\n}\n`],
    [["gamma", "--errors", "--format", "csv"], ""],
  ];
  for (const [args, stdout] of cases) {
    await t.step(args.join(" "), async () => {
      assertEquals(await cli(["results", ...args]), { code: 0, stdout, stderr: "" });
    });
  }
  await t.step("alpha --errors", async () => {
    const { stdout } = await cli(["results", "alpha", "--errors"]);
    const { stack, ...error } = JSON.parse(stdout);
    assertMatch(stack, /^RangeError: three, of all\n {4}at task \(file:.*work\.ts:4:/);
    assertEquals(error, {
      ...{ ERROR: "three, of all", ARGS: 3, KWARGS: {}, type: "RangeError", class: "error" },
      ...{ task: 2, attempts: 1 },
    });
    const [saved] = readLines(
      Array.from(Deno.readDirSync("errors"), ({ name }) => `errors/${name}`)[0],
    );
    assertEquals(stdout, saved + "\n");
  });
});

Deno.test("results refuses what it cannot write", async (t) => {
  await using _folder = await makeJobs();
  const cases: [args: string[], message: RegExp][] = [
    [
      ["beta", "--format", "geojson"],
      /^Error: Cannot write the results: the result of task 0 has no geometry \(\{"a":1\}\), return/,
    ],
    [["beta", "--format", "xml"], /^Error: .*ndjson, json, csv, /],
  ];
  for (const [args, message] of cases) {
    await t.step(args.join(" "), async () => {
      const { code, stderr } = await cli(["results", ...args]);
      assertEquals(code, 2);
      assertMatch(stderr, message);
    });
  }
});

Deno.test("results ends quietly when its reader has seen enough", async () => {
  await using _folder = await enterFolder();
  await runJob({ fn: (x: number) => `${x} `.repeat(100), argsList: 20_000 });
  const process = startCli(["results"]);
  const reader = process.stdout.getReader();
  await reader.read();
  await reader.cancel();
  const stderr = await new Response(process.stderr).text();
  await process.stdin.close();
  assertEquals([(await process.status).code, stderr], [141, ""]);
});

Deno.test("logs shows what the tasks wrote", async (t) => {
  await using _folder = await makeJobs();
  const lines = [1, 2, 3, 4].map((x) => `${x - 1}: saw ${x}\n`);
  const cases: [args: string[], stdout: string][] = [
    [["alpha"], lines.join("")],
    [["alpha", "--follow"], lines.join("")],
    [["alpha", "--task", "2"], lines[2]!],
    [
      ["alpha", "--task", "0", "--json"],
      `${OK}"lines":[\n{"id":0,"attempt":1,"stream":"stdout","text":"saw 1\\n"}\n]}\n`,
    ],
    [["beta"], ""],
  ];
  for (const [args, stdout] of cases) {
    await t.step(args.join(" "), async () => {
      const said = await cli(["logs", ...args]);
      const plain = said.stdout.replaceAll(/^[-\d]+ [\d:.]+ |,"time":\d{13}/gm, "");
      assertEquals({ ...said, stdout: plain }, { code: 0, stdout, stderr: "" });
    });
  }
  await t.step("a task that is not in the list", async () => {
    const { code, stderr } = await cli(["logs", "alpha", "--task", "9"]);
    assertMatch(stderr, /^Error: Cannot find task 9: the list of job \S+ is shorter\n$/);
    assertEquals(code, 2);
  });
});

/** A task that reports its start, and waits for permission to end. */
const WAITS = `export const task = async (path) => {
  console.log("begun");
  Deno.writeTextFileSync(path + ".begun", "");
  while (!exists(path + ".go")) await new Promise((resolve) => setTimeout(resolve, 10));
  console.log("ended");
  return 1;
};
function exists(path) { try { return Deno.statSync(path) && true; } catch { return false; } }`;

Deno.test("logs --follow shows lines as they arrive, and ends with the job", async () => {
  await using folder = await enterFolder({ "work.ts": WAITS });
  const path = `${folder.path}/task`;
  const job = runJob({ moduleName: "./work.ts", argsList: [path], workers: 1 });
  await until(() => exists(`${path}.begun`), "the task begins");
  const process = startCli(["logs", "--follow"]);
  const end = (async () => {
    let text = "";
    for await (const part of process.stdout.pipeThrough(new TextDecoderStream())) {
      text += part;
      // The task ends only after its first line has been shown.
      if (text.includes("begun")) Deno.writeTextFileSync(`${path}.go`, "");
    }
    return text;
  })();
  assertMatch(await end, /^[-\d]+ [\d:.]+ 0: begun\n[-\d]+ [\d:.]+ 0: ended\n$/);
  assertEquals((await job).succeeded, 1);
  await process.stdin.close();
  await process.stderr.cancel();
  assertEquals((await process.status).code, 0);
});

Deno.test("cancel ends a job that another process runs, and resume runs the rest", async () => {
  await using folder = await enterFolder({ "work.ts": WAITS });
  const paths = [0, 1, 2, 3].map((i) => `${folder.path}/${i}`);
  await folder.write("list.ndjson", paths.map((path) => `"${path}"\n`).join(""));
  Deno.writeTextFileSync(`${paths[0]}.go`, "");
  const process = startCli(["map", "work.ts", "list.ndjson", "--workers", "1"]);
  const end = endOf(process);
  await until(() => exists(`${paths[1]}.begun`), "the second task begins");
  const running = JSON.parse((await cli(["status", "--json"])).stdout);
  assertEquals([running.state, running.holder.pid], ["running", process.pid]);
  const [id] = await listJobs();
  const canceled = await cli(["cancel"]);
  assertEquals(canceled, { code: 0, stdout: "", stderr: `Canceled job ${id}\n` });
  await process.stdin.close();
  assertEquals((await end).code, 130);
  const status = JSON.parse((await cli(["status", "--json"])).stdout);
  const counts = { total: 4, succeeded: 1, failed: 0 };
  assertEquals([status.state, status.counts], ["canceled", counts]);
  const again = await cli(["cancel", "--json"]);
  assertEquals(JSON.parse(again.stdout), {
    schema_version: 1,
    ok: true,
    id,
    wasRunning: false,
    wasInterrupted: false,
    counts,
  });
  for (const path of paths) Deno.writeTextFileSync(`${path}.go`, "");
  const { code, stdout } = await cli(["resume", "--json"]);
  const { total, succeeded } = JSON.parse(stdout);
  assertEquals([code, total, succeeded], [0, 4, 4]);
});

Deno.test("cancel marks a job that died, and resume still runs the rest", async () => {
  await using _folder = await enterFolder();
  const { id, paths } = await runJob({ fn: (x: number) => x, argsList: 4 });
  kill(paths.folder, { events: ({ id }) => id < 2 });
  assertEquals(JSON.parse((await cli(["status", "--json"])).stdout).state, "interrupted");
  const canceled = await cli(["cancel"]);
  const text = `Canceled the rest of job ${id}, which no process ran\n`;
  assertEquals(canceled, { code: 0, stdout: "", stderr: text });
  const again = await cli(["cancel"]);
  assertEquals(again, { code: 0, stdout: "", stderr: `Job ${id} was not running\n` });
  const { state, counts } = JSON.parse((await cli(["status", "--json"])).stdout);
  assertEquals([state, counts], ["canceled", { total: 4, succeeded: 2, failed: 0 }]);
  assertEquals((await cli(["resume"])).code, 0);
  assertEquals(readLines(paths.results).toSorted(), ["0", "1", "2", "3"]);
});

Deno.test("resume of a job that has ended says that no task is pending", async () => {
  await using _ = await enterFolder();
  await cli(["test", "1", "--engine", "inline", "--noisy"]);
  const [id] = await listJobs();
  assertStringIncludes((await cli(["resume"])).stderr, `No task of job ${id} is pending\n`);
  assert(!(await cli(["resume", "-q"])).stderr.includes("pending"));
});

Deno.test("replay writes no colours to a file or a pipe", async () => {
  await using _folder = await enterFolder({
    "work.ts": `export const task = () => { throw new RangeError("two"); };\n`,
  });
  await runJob({ moduleName: "./work.ts", argsList: [1] });
  const { code, stderr } = await cli(["replay", "0"], { env: { NO_COLOR: "" } });
  assertEquals([code, stderr.split("\n")[0]], [1, "error: Uncaught (in promise) RangeError: two"]);
});

Deno.test("replay runs one task as it ran, and records nothing", async () => {
  await using _folder = await enterFolder({
    "work.ts": `export const task = (x) => {
      console.error("with", x, Deno.env.get("GREETING"));
      try {
        Deno.readTextFileSync("secret");
      } catch (error) {
        console.error(error.name);
      }
      if (x === 2) throw new RangeError("two");
      return { x };
    };\n`,
    secret: "hidden",
  });
  const options = { env: { GREETING: "hello" }, permissions: { env: "GREETING" } };
  const { paths } = await runJob({ moduleName: "./work.ts", argsList: [1, 2], ...options });
  const before = readLines(`${paths.folder}/events.ndjson`);
  const replay = (...args: string[]) => cli(["replay", ...args], { env: options.env });
  const said = "with 1 hello\nNotCapable\n";
  assertEquals(await replay("last", "0"), { code: 0, stdout: '{"x":1}\n', stderr: said });
  assertEquals(await replay("0"), { code: 0, stdout: '{"x":1}\n', stderr: said });
  const failed = await replay("last", "1");
  assertEquals([failed.code, failed.stdout], [1, ""]);
  assertMatch(failed.stderr, /^with 2 hello\nNotCapable\nerror: .*RangeError: two\n/);
  assertMatch(failed.stderr, /work\.ts:8:/);
  assertEquals(readLines(`${paths.folder}/events.ndjson`), before);
  const none =
    "Error: Cannot find task 2: the job has no such task, dl_jobs status shows the number of tasks\n";
  assertEquals(await replay("last", "2"), { code: 2, stdout: "", stderr: none });
  const wrong =
    "Error: Cannot replay: no task is named, write a job and the number of a task, such as " +
    "dl_jobs replay last 17\n";
  assertEquals(await cli(["replay", "last"]), { code: 2, stdout: "", stderr: wrong });
});
