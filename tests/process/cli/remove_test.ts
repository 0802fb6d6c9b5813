/**
 * The commands `dl_jobs rm`, `dl_jobs clean` and `dl_jobs jobs`, and starts that are refused.
 *
 * @module
 */

import { exists } from "../../../lib/util/files/fs.ts";
import { listJobs } from "../../../lib/job_dir/find.ts";
import { jobFolder } from "../../../lib/job_dir/layout.ts";
import { holderOf } from "../../../lib/job_dir/lock.ts";
import { readRecord, writeRecord } from "../../../lib/job_dir/record.ts";
import { until } from "../../../tools/support/until.ts";
import { assertEquals, assertMatch } from "../../support/assert.ts";
import { cli, endOf, enterFolder, kill, runJob, startCli } from "../../support/jobs.ts";

const WORK = `
  export const double = (x) => 2 * x;
  export const fail = () => { throw new Error("no"); };
  export const wait = () => new Promise((resolve) => setTimeout(resolve, 1e6));
`;

async function makeJobs(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await runJob({ moduleName: "./work.ts#double", name, argsList: 2, workers: 1 });
  }
}

/** Lets a job look as if it had ended some days ago. */
function age(id: string, days: number): void {
  const folder = jobFolder(id), record = readRecord(folder);
  const ago = (text: string) => new Date(Date.parse(text) - days * 86_400_000).toISOString();
  writeRecord(folder, { ...record, started: ago(record.started), ended: ago(record.ended!) });
}

const names = () => listJobs().map((id) => readRecord(jobFolder(id)).name);

Deno.test("dl_jobs rm removes jobs, and only after a yes", async () => {
  await using folder = await enterFolder({ "work.ts": WORK });
  await makeJobs("one", "two", "three");
  const [one, two] = listJobs();
  Deno.writeTextFileSync(`${jobFolder(two!)}/job.json`, "{");
  assertEquals(await cli(["rm", one!]).then(({ code, stderr }) => [code, stderr]), [
    2,
    "Error: Cannot ask whether to remove the jobs: stdin is not a terminal, write --yes\n",
  ]);
  assertMatch((await cli(["rm", one!, "--dry-run"])).stderr, /^Would remove 1 job, which frees /);
  const { stderr: none } = await cli(["clean", "--older-than", "30d", "--yes"]);
  assertEquals(none, "No job matches: nothing was removed\n");
  assertEquals(names(), ["one", "three"]);
  const { code, stdout, stderr } = await cli(["rm", one!, two!, one!, "-y"]);
  assertMatch(stderr, /^Removed 2 jobs: \d+ kB freed\n$/);
  assertEquals([code, stdout.split("\n").length, names()], [0, 4, ["three"]]);
  assertEquals(exists(`${folder.path}/.dl_jobs/removed`), false);
  assertEquals((await cli(["rm"])).code, 2);
});

Deno.test("dl_jobs rm removes what is left of a job that it could not remove", async () => {
  await using folder = await enterFolder({ "work.ts": WORK });
  await makeJobs("one");
  const [one] = listJobs(), gone = "20260101T000000-000aaa";
  await folder.write(`.dl_jobs/removed/${gone}/events.ndjson`, "");
  const dry = await cli(["rm", gone, "--dry-run"]);
  assertEquals([dry.code, exists(`.dl_jobs/removed/${gone}`)], [2, true]);
  assertEquals(await cli(["rm", gone]), {
    code: 0,
    stdout: "",
    stderr: `Removed what was left of job ${gone}\n`,
  });
  assertEquals([listJobs(), exists(".dl_jobs/removed")], [[one], false]);
});

Deno.test("dl_jobs rm says that a name means only the newest of its jobs", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  await makeJobs("tile", "tile", "other");
  const [old] = listJobs();
  const { stderr } = await cli(["rm", "tile", "other", "--yes"]);
  assertMatch(
    stderr,
    /^tile is the newest of 2 jobs with this name: dl_jobs clean --name tile removes all of them\nRem/,
  );
  assertEquals(listJobs(), [old]);
  assertMatch((await cli(["rm", "tile", "--yes"])).stderr, /^Removed 1 job: /);
});

Deno.test("dl_jobs rm never removes a job that runs", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  const running = startCli(["map", "work.ts#wait", "--grid", "x=1"]);
  const end = endOf(running);
  const isRunning = () => listJobs().some((id) => holderOf(jobFolder(id)));
  await until(isRunning, "the job begins");
  const [id] = listJobs();
  await makeJobs("ended");
  const { code, stderr } = await cli(["rm", id!, "last", "--yes", "--json"]);
  assertEquals([code, stderr, listJobs()], [
    1,
    `Error: Cannot remove job ${id}: process ${running.pid} is running it, end it first with ` +
    `dl_jobs cancel ${id}\n`,
    [id],
  ]);
  assertEquals((await cli(["clean", "--state", "running", "--yes"])).code, 0);
  assertEquals(listJobs(), [id]);
  running.kill("SIGKILL");
  await end;
});

Deno.test("dl_jobs clean removes old jobs, by time, number, state and name", async (t) => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  await makeJobs("a", "b", "tile-1", "tile-2");
  await runJob({ moduleName: "./work.ts#fail", name: "bad", argsList: 1, workers: 1 });
  await makeJobs("half");
  const ids = listJobs();
  kill(jobFolder(ids[5]!), { read: 1 });
  age(ids[0]!, 40);
  age(ids[2]!, 20);
  const cases: [args: string[], removed: string[], said?: string][] = [
    [["--older-than", "30d"], ["a"]],
    [["--older-than", "10d"], ["a", "tile-1"]],
    [["--name", "tile-*"], ["tile-1", "tile-2"]],
    [["--state", "failed"], ["bad"]],
    [["--keep", "4"], ["a", "b"]],
    [
      ["--keep", "0"],
      ["a", "b", "tile-1", "tile-2", "bad"],
      "Kept 1 interrupted job: see --state interrupted\n",
    ],
    [["--keep", "1", "--state", "interrupted"], []],
    [["--state", "interrupted,failed"], ["bad", "half"]],
  ];
  for (const [args, removed, said = ""] of cases) {
    await t.step(args.join(" "), async () => {
      const { stdout, stderr } = await cli(["clean", "--dry-run", "--json", ...args]);
      const { jobs } = JSON.parse(stdout);
      assertEquals([jobs.map(({ name }: { name: string }) => name), stderr], [removed, said]);
    });
  }
  assertEquals((await cli(["clean"])).code, 2);
  for (const line of [["clean", "--older-than"], ["jobs", "--since"]]) {
    const { code, stderr } = await cli([...line, "30"]);
    assertEquals([code, stderr], [
      2,
      `Error: Cannot use ${line[1]} 30: it has no unit, write 30d for days, 30h for hours, or a ` +
      "date such as 2026-11-30\n",
    ]);
  }
  assertEquals((await cli(["clean", "--state", "done"])).code, 2);
  assertEquals((await cli(["clean", "--older-than", "10d", "-y"])).code, 0);
  assertEquals(names(), ["b", "tile-2", "bad", "half"]);
  await t.step("jobs selects in the same way", async () => {
    const list = async (...args: string[]) =>
      (await cli(["jobs", ...args])).stdout.split("\n").slice(1, -1).map((row) =>
        row.split(/ +/)[1]
      );
    assertEquals(await list("--state", "failed,succeeded"), ["b", "tile-2", "bad"]);
    assertEquals(await list("--name", "*il*", "--since", "1h"), ["tile-2"]);
    assertEquals(await list("-n", "2"), ["bad", "half"]);
    assertMatch((await cli(["jobs", "--since", "2100-01-01"])).stderr, /^None of the 4 jobs/);
    assertEquals((await cli(["jobs", "--since", "soon"])).code, 2);
    for (const day of ["2026-02-30", "2026-02-30T12:00", "2025-02-29", "2026-13-01"]) {
      assertMatch(
        (await cli(["jobs", "--since", day])).stderr,
        /^Error: Cannot use --since "2.*": write a duration/,
      );
    }
    assertEquals((await cli(["jobs", "--since", "2024-02-29T12:00"])).code, 0);
  });
});

Deno.test("a start that is refused leaves no job", async (t) => {
  await using _folder = await enterFolder({
    "work.ts": WORK,
    "throws.ts": 'throw new Error("boom"); export const task = () => 1;',
    "setup.ts": 'export const setup = () => { throw new Error("no db"); }, task = () => 1;',
    "lost.py": "import nowhere\ndef task(x):\n  return x\n",
  });
  await makeJobs("before");
  const starts: [line: string, message: RegExp][] = [
    ["map throws.ts", /its module threw Error: boom/],
    ["map setup.ts", /setup threw Error: no db/],
    ["map lost.py", /No module named 'nowhere'/],
    ["map work.ts#double --memory 1MB", /Cannot start a worker/],
    ["map work.ts#double --engine ssh", /the engine has no host/],
  ];
  for (const [line, message] of starts) {
    await t.step(line, async () => {
      const { code, stderr } = await cli([...line.split(" "), "--grid", "x=1,2"]);
      assertMatch(stderr, message);
      assertEquals([code, names()], [2, ["before"]]);
    });
  }
});
