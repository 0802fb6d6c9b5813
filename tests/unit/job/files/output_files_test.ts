import {
  checkOutput,
  claimOutput,
  logFile,
  outputFiles,
} from "../../../../lib/job/files/output_files.ts";
import { jobFolder } from "../../../../lib/job_dir/layout.ts";
import { JobLock } from "../../../../lib/job_dir/lock.ts";
import { type JobRecord, writeRecord } from "../../../../lib/job_dir/record.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { exists } from "../../../../lib/util/files/fs.ts";
import type { LineFile } from "../../../../lib/util/files/line_file.ts";
import { OutputFile } from "../../../../lib/util/files/output_file.ts";
import { assertEquals, assertMatch, assertThrows } from "../../../support/assert.ts";
import { enterFolder } from "../../../support/jobs.ts";
import { recordFor } from "../../job_dir/record_for.ts";

/** Returns the path of a file with one line. */
function pathOf(file: LineFile | undefined): string | undefined {
  file?.write(new TextEncoder().encode("x\n"));
  const path = file?.path;
  file?.[Symbol.dispose]();
  return path;
}

function pathsOf(options: Partial<JobRecord["options"]>, files: JobRecord["files"] = {}) {
  const record = recordFor("x", { name: "a task/b", files });
  const { results, errors } = outputFiles({
    ...record,
    options: { ...record.options, ...options },
  });
  return [pathOf(results), pathOf(errors)];
}

Deno.test("outputFiles() names files by the options, and keeps those of the record", async () => {
  await using _folder = await enterFolder();
  const dirs = { resultsDir: "r", errorsDir: "e" };
  const [results, errors] = pathsOf({ ...dirs, saveErrors: true });
  assertMatch(results!, /^r\/a\.task\.b_\d{8}T\d{6}\.ndjson$/);
  assertMatch(errors!, /^e\/a\.task\.b_\d{8}T\d{6}\.ndjson$/);
  assertEquals(pathsOf({ ...dirs, saveResults: false, saveErrors: false }), [undefined, undefined]);
  const named = { ...dirs, saveResults: "one", saveErrors: false, resultsTimestamp: false };
  assertEquals(pathsOf(named), ["r/one.ndjson", undefined]);
  assertEquals(
    pathsOf({ ...dirs, saveResults: false, saveErrors: false }, { results: "kept" })[0],
    "kept",
  );
});

Deno.test("outputFiles() and logFile() write an empty directory to the working directory", async () => {
  await using _folder = await enterFolder();
  const [results, errors] = pathsOf({ resultsDir: "", errorsDir: "", resultsTimestamp: false });
  assertEquals([results, errors], ["./a.task.b.ndjson", "./a.task.b.ndjson"]);
  const config = { ...recordFor("x").options, logDir: "", log: "own" };
  assertMatch(pathOf(logFile("a", config))!, /^\.\/own_\d{8}T\d{6}\.log$/);
});

Deno.test("logFile() uses the name of the job, or the user's name", async () => {
  await using _folder = await enterFolder();
  const config = { ...recordFor("x").options, logDir: "l" };
  assertMatch(pathOf(logFile("a b", { ...config, log: true }))!, /^l\/a\.b_\d{8}T\d{6}\.log$/);
  assertMatch(pathOf(logFile("a", { ...config, log: "own" }))!, /^l\/own_\d{8}T\d{6}\.log$/);
  assertEquals(logFile("a", { ...config, log: false }), undefined);
});

Deno.test("checkOutput() keeps the file, and refuses one that cannot be written", async (t) => {
  await using folder = await enterFolder({ "out.ndjson": "old\n", "dir/x": "" });
  assertEquals(checkOutput("./dir/../out.ndjson"), `${Deno.cwd()}/out.ndjson`);
  assertEquals(await Deno.readTextFile(`${folder.path}/out.ndjson`), "old\n");
  assertEquals(checkOutput("new 1%.ndjson"), `${Deno.cwd()}/new 1%.ndjson`);
  assertEquals(exists("new 1%.ndjson"), false);
  for (const path of ["none/out.ndjson", "dir", "out.ndjson/x"]) {
    await t.step(path, () => {
      assertThrows(() => checkOutput(path), UsageError, `Cannot write ${path}: `);
    });
  }
});

/** Writes the record of a job that writes `out.ndjson`. */
function addJob(id: string, files: JobRecord["files"] = {}): string {
  const folder = jobFolder(id);
  Deno.mkdirSync(folder, { recursive: true });
  writeRecord(folder, recordFor(id, { output: `${Deno.cwd()}/out.ndjson`, files }));
  return folder;
}

Deno.test("claimOutput() names the job that is writing the file", async () => {
  await using _folder = await enterFolder();
  const path = `${Deno.cwd()}/out.ndjson`, running = addJob("20260101T000000-000aaa");
  using _lock = await JobLock.take(running);
  using held = new OutputFile(path, false);
  claimOutput(held, running);
  using file = new OutputFile(path, false);
  const error = assertThrows(
    () => claimOutput(file, jobFolder("20260102T000000-000aaa")),
    UsageError,
  );
  assertEquals(
    error.message,
    `Cannot write ${path}: job 20260101T000000-000aaa is writing it, wait for the job or write ` +
      "--output with another file",
  );
});

Deno.test("claimOutput() does not name the job that wants the file", async () => {
  await using _folder = await enterFolder();
  const path = `${Deno.cwd()}/out.ndjson`, own = addJob("20260101T000000-000aaa");
  using _lock = await JobLock.take(own);
  using held = new OutputFile(path, false);
  held.claim();
  using file = new OutputFile(path, false);
  const error = assertThrows(() => claimOutput(file, own), UsageError);
  assertEquals(error.message, `Cannot write ${path}: another process is writing it`);
});

Deno.test("claimOutput() refuses a file that a later job has written", async () => {
  await using _folder = await enterFolder();
  const path = `${Deno.cwd()}/out.ndjson`;
  Deno.writeTextFileSync(path, "1\n");
  const older = addJob("20260101T000000-000aaa", { results: path });
  const newer = addJob("20260102T000000-000bbb", { results: path });
  addJob("20260103T000000-000ccc");
  {
    using file = new OutputFile(path, true);
    const error = assertThrows(() => claimOutput(file, older), UsageError);
    assertEquals(
      error.message,
      `Cannot write ${path}: job 20260102T000000-000bbb has written it since, move that file away ` +
        "or use dl_jobs results 20260101T000000-000aaa",
    );
  }
  using file = new OutputFile(path, true);
  claimOutput(file, newer);
});
