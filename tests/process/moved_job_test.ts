/**
 * Jobs whose folder is moved or copied.
 *
 * @module
 */

import { listJobs } from "../../lib/job_dir/find.ts";
import { jobFolder } from "../../lib/job_dir/layout.ts";
import { readRecord } from "../../lib/job_dir/record.ts";
import { makeFolder } from "../../tools/support/files.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { cli, enterFolder, kill, readLines, recordOf } from "../support/jobs.ts";

const FILES = {
  "a/task.ts": "export const double = (x: number) => 2 * x;\n",
  "a/in.ndjson": "1\n2\n3\n4\n",
};
const DOUBLED = ["2", "4", "6", "8"];

/** Runs a job in the folder `a` that died after two of four tasks were read. */
async function dieIn(folder: string, output: string): Promise<string> {
  Deno.chdir(`${folder}/a`);
  await cli(["map", "task.ts#double", "in.ndjson", "--output", output, "-q"]);
  const id = listJobs()[0]!;
  kill(jobFolder(id), { read: 2 });
  await Deno.writeTextFile(output, "2\n4\n");
  return id;
}

/** Copies a folder with the times of its files. */
async function copy(from: string, to: string): Promise<void> {
  await new Deno.Command("cp", { args: ["-a", from, to] }).output();
}

Deno.test("a moved or copied project resumes into its own files", async (t) => {
  for (const isMoved of [true, false]) {
    await t.step(isMoved ? "moved" : "copied", async () => {
      await using folder = await enterFolder(FILES);
      await dieIn(folder.path, "out.ndjson");
      if (isMoved) await Deno.rename(`${folder.path}/a`, `${folder.path}/b`);
      else await copy(`${folder.path}/a`, `${folder.path}/b`);
      Deno.chdir(`${folder.path}/b`);
      const { code, stderr } = await cli(["resume", "-q"]);
      assertEquals([code, stderr], [0, ""]);
      assertEquals(readLines(`${folder.path}/b/out.ndjson`).sort(), DOUBLED);
      assertEquals(readLines(`${folder.path}/a/out.ndjson`), isMoved ? [] : ["2", "4"]);
      const { output, files, source, function: fn } = recordOf(jobFolder(listJobs()[0]!));
      assertEquals([output, files], ["./out.ndjson", { results: "./out.ndjson" }]);
      assertEquals((source as { path: string }).path, "./in.ndjson");
      assertEquals(fn, { module: "./task.ts", method: "double" });
      Deno.chdir(folder.path);
    });
  }
});

Deno.test("a copy does not write a file outside its project that the original writes", async () => {
  await using outside = await makeFolder();
  await using folder = await enterFolder(FILES);
  const out = `${outside.path}/out.ndjson`, id = await dieIn(folder.path, out);
  await copy(`${folder.path}/a`, `${folder.path}/b`);
  Deno.chdir(`${folder.path}/b`);
  for (const args of [["resume"], ["retry"], ["results", "--rebuild"]]) {
    const { code, stderr } = await cli(args);
    assertEquals([code, stderr], [
      2,
      `Error: Cannot resume job ${id}: it is a copy of job ${id} in ${folder.path}/a, which writes ` +
      `${out}; resume that job, or remove it if the copy replaces it\n`,
    ]);
  }
  assertEquals(readLines(out), ["2", "4"]);
  await Deno.remove(`${folder.path}/a`, { recursive: true });
  assertEquals((await cli(["resume", "-q"])).code, 0);
  assertEquals(readLines(out).sort(), DOUBLED);
});

Deno.test("a copy beside the original is not resumed", async () => {
  await using folder = await enterFolder(FILES);
  const id = await dieIn(folder.path, "out.ndjson"), twin = `${id}-copy`;
  await copy(jobFolder(id), jobFolder(twin));
  const { code, stderr } = await cli(["resume", twin]);
  assertEquals(code, 2);
  assertMatch(
    stderr,
    new RegExp(`^Error: Cannot resume job ${twin}: it is a copy of job ${id} in `),
  );
  const status = (await cli(["status", twin])).stdout;
  assertMatch(status, new RegExp(`^job +${twin}\n.*\nnext +dl_jobs resume ${twin}\n$`, "s"));
  assertEquals((await cli(["resume", id, "-q"])).code, 0);
  assertEquals(readLines("out.ndjson").sort(), DOUBLED);
});

Deno.test("a record of an earlier version does not write into the original's project", async () => {
  await using folder = await enterFolder(FILES);
  const id = await dieIn(folder.path, "out.ndjson"), old = `${folder.path}/a/out.ndjson`;
  const { output: _output, directory: _directory, ...record } = readRecord(jobFolder(id));
  const text = JSON.stringify({ ...record, format: undefined, files: { results: old } });
  await Deno.writeTextFile(`${jobFolder(id)}/job.json`, text);
  await copy(`${folder.path}/a`, `${folder.path}/b`);
  Deno.chdir(`${folder.path}/b`);
  const copied = await cli(["resume"]);
  assertEquals(copied.code, 2);
  assertMatch(copied.stderr, / is a copy of job /);
  await Deno.remove(`${folder.path}/a`, { recursive: true });
  const moved = await cli(["resume"]);
  assertEquals([moved.code, moved.stderr], [
    2,
    `Error: Cannot resume job ${id}: the folder of ${old} is gone, create it again or use ` +
    `dl_jobs results ${id}\n`,
  ]);
});
