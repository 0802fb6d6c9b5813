import { recoverResults, recoverRun } from "../../../../lib/job/run/recovery.ts";
import type { JobRecord } from "../../../../lib/job_dir/record.ts";
import { LineFile } from "../../../../lib/util/files/line_file.ts";
import { type Folder, makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";
import { eventLines, readLines } from "../../../support/jobs.ts";
import { recordFor } from "../../job_dir/record_for.ts";
import { failedLine, journalOf, planFor } from "../plan_for.ts";

const FILES = {
  "tasks.ndjson": "0\n1\n2\n3",
  "events.ndjson": journalOf('{"id":0,"result":0}', failedLine(1), failedLine(2, "late")) + '{"id"',
  "logs.ndjson": '{"id":0}\n{"id',
  "spans.ndjson": "{",
};

Deno.test("recoverRun() removes torn lines, and counts the events", async () => {
  await using folder = await makeFolder(FILES);
  const { counts, journal } = await recoverRun(planFor(folder.path));
  journal[Symbol.dispose]();
  assertEquals(counts, { read: 3, succeeded: 1, failed: 2, retried: 0 });
  const sizes = Object.keys(FILES).map((name) => readLines(`${folder.path}/${name}`).length);
  assertEquals(sizes, [3, 6, 1, 0]);
});

Deno.test("recoverRun() puts back the failures that the filter selects", async () => {
  await using folder = await makeFolder(FILES);
  const retryFilter = ({ message }: { message: string }) => message === "late";
  const { counts, past, journal } = await recoverRun(planFor(folder.path, { retryFilter }));
  journal[Symbol.dispose]();
  assertEquals([counts.failed, past.of(1), past.of(2)], [1, "failed", "open"]);
  assertEquals(
    eventLines(folder.path).at(-1),
    '{"id":2,"attempt":1,"type":"queued"}',
  );
});

/** Recovers the results of a job whose results file is `r` and whose errors file is `e`. */
async function recoverIn(
  { path }: Folder,
  record: Partial<JobRecord>,
  endedCleanly: boolean,
  files: JobRecord["files"] = { results: `${path}/r`, errors: `${path}/e` },
) {
  const results = new LineFile(`${path}/new results`), errors = new LineFile(`${path}/new errors`);
  const lastEnded = endedCleanly ? new Date(0).toISOString() : undefined;
  const plan = planFor(path, { lastEnded, results, errors }, { files, isRead: true, ...record });
  const run = await recoverRun(plan);
  const writer = await recoverResults(run);
  run.journal[Symbol.dispose]();
  results[Symbol.dispose]();
  errors[Symbol.dispose]();
  return { writer, run, said: plan.said };
}

const ERRORS = [[1, "no"], [2, "late"]].map(([task, ERROR]) =>
  JSON.stringify({
    ERROR,
    ARGS: task,
    KWARGS: {},
    type: "Error",
    class: "error",
    task,
    attempts: 1,
  })
);

Deno.test("recoverResults() replaces the files of a run that died", async () => {
  await using folder = await makeFolder({ ...FILES, r: "0\n0\n0", e: "half a li" });
  const { writer } = await recoverIn(folder, {}, false);
  assertEquals(readLines(`${folder.path}/r`), ["0"]);
  assertEquals(readLines(`${folder.path}/e`), ERRORS);
  assertEquals(writer?.failedElements, 0);
});

Deno.test("recoverResults() writes the first files of a run that died before it had any", async () => {
  await using folder = await makeFolder(FILES);
  const { run } = await recoverIn(folder, {}, false, {});
  const { results, errors } = run.record.files;
  assertEquals([results, errors], [`${folder.path}/new results`, `${folder.path}/new errors`]);
  assertEquals([readLines(results), readLines(errors)], [["0"], ERRORS]);
});

Deno.test("recoverResults() leaves complete files as they are, and mends all others", async (t) => {
  const whole = { r: "0\n", e: ERRORS.map((line) => line + "\n").join("") };
  const cases: [name: string, files: Record<string, string>, changed: string[]][] = [
    ["complete", whole, []],
    ["empty after a power cut", { ...whole, r: "" }, ["r"]],
    ["zeros after a power cut", { ...whole, e: "\0".repeat(whole.e.length) }, ["e"]],
    ["too long", { r: "0\n0\n", e: whole.e + "{}\n" }, ["r", "e"]],
    ["missing", { e: whole.e }, ["r"]],
  ];
  for (const [name, files, changed] of cases) {
    await t.step(name, async () => {
      await using folder = await makeFolder({ ...FILES, ...files, "r.new": "left by a kill" });
      const { writer, said } = await recoverIn(folder, {}, true);
      assertEquals(writer === undefined, changed.length === 0);
      assertEquals(
        said.filter((text) => text.includes("written again")),
        changed.map((one) =>
          `Warning: ${folder.path}/${one} differs from the journal, and is written again\n`
        ),
      );
      const now = await Promise.all(
        ["r", "e"].map((one) => Deno.readTextFile(`${folder.path}/${one}`)),
      );
      assertEquals(now, [whole.r, whole.e]);
      const names = Array.from(Deno.readDirSync(folder.path), ({ name }) => name);
      assertEquals(names.filter((one) => one.endsWith(".new")), []);
    });
  }
});

Deno.test("recoverResults() never replaces a device", async () => {
  await using folder = await makeFolder({ ...FILES, e: "" });
  const files = { results: "/dev/null", errors: `${folder.path}/e` };
  const { writer } = await recoverIn(folder, {}, false, files);
  assertEquals([writer?.options.results, Deno.statSync("/dev/null").isCharDevice], [
    undefined,
    true,
  ]);
  assertEquals(readLines(`${folder.path}/e`), ERRORS);
});

Deno.test("recoverResults() cuts shared files where the run died, and warns", async () => {
  await using folder = await makeFolder({ ...FILES, r: "other\n0\n0", e: "other\n" });
  const options = { ...recordFor("x").options, resultsTimestamp: false };
  const { said } = await recoverIn(folder, { options }, false);
  assertEquals([readLines(`${folder.path}/r`), readLines(`${folder.path}/e`)], [["other", "0"], [
    "other",
  ]]);
  assertEquals(said.length, 2);
  assertEquals(
    said[0],
    `Warning: ${folder.path}/r is shared with other jobs, so the last lines of this job before it ` +
      "died may be missing or duplicated: dl_jobs results x prints the correct results\n",
  );
});
