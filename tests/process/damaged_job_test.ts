/**
 * Commands in a folder in which the records of some jobs are damaged.
 *
 * @module
 */

import { jobs } from "../../lib/api/history.ts";
import { results } from "../../lib/api/results.ts";
import { damagedJobs, listJobs } from "../../lib/job_dir/find.ts";
import { jobFolder } from "../../lib/job_dir/layout.ts";
import { readRecord, writeRecord } from "../../lib/job_dir/record.ts";
import { exists } from "../../lib/util/files/fs.ts";
import { JobBook } from "../../lib/web/jobs.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { cli, enterFolder } from "../support/jobs.ts";

const TASK = "export const double = (x: number) => 2 * x;\n";

function nameDoubt(id: string): RegExp {
  return new RegExp(
    `Warning: task.double is job ${id}, unless the newer job 2099\\S+ has this name`,
  );
}

/** Writes damaged jobs that are newer than all others. */
function damage(): void {
  const texts = { a: "", b: '{"id":"20', c: "no JSON", d: undefined };
  for (const [name, text] of Object.entries(texts)) {
    const folder = jobFolder(`20990101T000000-000${name}`);
    Deno.mkdirSync(folder);
    Deno.writeTextFileSync(`${folder}/bundle.js`, "");
    if (text !== undefined) Deno.writeTextFileSync(`${folder}/job.json`, text);
  }
}

Deno.test("damaged jobs are named, and do not break the commands for all other jobs", async (t) => {
  await using _folder = await enterFolder({ "task.ts": TASK });
  await cli(["map", "task.ts#double", "-q"], { input: "1\n2\n" });
  const [id] = listJobs();
  damage();
  assertEquals(damagedJobs(id!).length, 4);
  const commands: [args: string, stdout: string][] = [
    ["status", `job      ${id}`],
    ["results --ordered", "2\n4\n"],
    ["results last --ordered", "2\n4\n"],
    ["results task.double --ordered", "2\n4\n"],
    ["completions words -- results 2", id!],
    ["logs", ""],
    ["resume -q", ""],
    ["retry -q", ""],
  ];
  for (const [args, stdout] of commands) {
    await t.step(args, async () => {
      const done = await cli(args.split(" "));
      assertEquals(done.code, 0, done.stderr);
      assertStringIncludes(done.stdout, stdout);
    });
  }
  await t.step("jobs", async () => {
    const { code, stdout, stderr } = await cli(["jobs", "--json"]);
    const states = JSON.parse(stdout).jobs.map(({ state }: { state: string }) => state);
    assertEquals([code, states], [0, ["succeeded", ...Array(4).fill("damaged")]]);
    assertEquals(stderr.match(/Warning: job \S+ is damaged: /g)?.length, 4);
    assertEquals((await cli(["jobs"])).stdout.match(/damaged/g)?.length, 4);
  });
  await t.step("last says that it is not the newest", async () => {
    const { stderr } = await cli(["results", "last"]);
    assertStringIncludes(stderr, `Warning: last is job ${id}, because the newer job `);
  });
  await t.step("a name says which jobs may have it too", async () => {
    for (const args of [["results", "task.double"], ["replay", "task.double", "0"]]) {
      const { code, stderr } = await cli(args);
      assertEquals(code, 0, stderr);
      assertMatch(stderr, nameDoubt(id!));
    }
    const said: string[] = [], { error } = console;
    console.error = (text) => said.push(text);
    try {
      assertEquals((await results("task.double")).sort(), [2, 4]);
    } finally {
      console.error = error;
    }
    assertMatch(said.join("\n"), nameDoubt(id!));
  });
  await t.step("rm removes no older job than the one that is meant", async () => {
    for (const called of ["last", "task.double"]) {
      const { code, stderr } = await cli(["rm", "--yes", called]);
      assertEquals(code, 2);
      assertMatch(stderr, new RegExp(`^Error: Cannot remove ${called}: .*damaged.*by its id\\n`));
    }
    assertEquals(listJobs(), [id]);
  });
  await t.step("the library, and the page, which also lists damaged jobs", () => {
    assertEquals(jobs().map(({ record }) => record.name), ["task.double"]);
    const rows = new JobBook(Deno.cwd()).rows().map((row) => row.id);
    assertEquals(rows, [
      "20990101T000000-000c",
      "20990101T000000-000b",
      "20990101T000000-000a",
      id,
    ]);
  });
  await t.step("--reuse, and a new job is the last one", async () => {
    const args = ["map", "task.ts#double", "--reuse"];
    const { code, stderr } = await cli(args, { input: "2\n3\n" });
    assertEquals([code, stderr.includes("1 taken from earlier jobs")], [0, true], stderr);
    const last = await cli(["results", "--ordered"]);
    assertEquals([last.stdout, last.stderr], ["4\n6\n", ""]);
  });
  await t.step("a damaged job itself", async () => {
    const { code, stderr } = await cli(["status", "20990101T000000-000a"]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "Error: Cannot read job 20990101T000000-000a: ");
  });
});

Deno.test("a job of a later version is refused by all commands, and not called damaged", async (t) => {
  await using _folder = await enterFolder({ "task.ts": TASK });
  await cli(["map", "task.ts#double", "-q"], { input: "1\n2\n" });
  const id = listJobs()[0]!, folder = jobFolder(id), format = 99;
  writeRecord(folder, { ...readRecord(folder), format });
  const text =
    `Cannot read job ${id}: a later version of dl_jobs has written it, in format 99, and ` +
    "this version reads formats up to 3; use that version";
  const record = Deno.readTextFileSync(`${folder}/job.json`);
  for (const command of ["status", "results", "verify", "resume", "retry", "cancel"]) {
    await t.step(command, async () => {
      const { code, stdout, stderr } = await cli([command, id]);
      assertEquals([code, stdout, stderr], [1, "", `Error: ${text}\n`]);
    });
  }
  await t.step("set", async () => {
    assertEquals((await cli(["set", id, "workers=2"])).stderr, `Error: ${text}\n`);
  });
  await t.step("jobs and clean", async () => {
    assertEquals((await cli(["jobs"])).stderr, `Warning: ${text}\n`);
    const error = JSON.parse((await cli(["status", id, "--json"])).stdout).error;
    assertEquals(error.code, "job_newer");
    const cleaned = await cli(["clean", "--state", "damaged", "--yes"]);
    assertEquals(cleaned.code, 1);
    assertStringIncludes(cleaned.stderr, `Error: ${text}, or remove it with --force\n`);
    assertEquals(Deno.readTextFileSync(`${folder}/job.json`), record);
    assertEquals((await cli(["rm", id, "--yes", "--force"])).code, 0);
    assertEquals(exists(folder), false);
  });
});
