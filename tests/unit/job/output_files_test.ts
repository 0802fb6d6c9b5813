import { createOutput, logFile, outputFiles } from "../../../lib/job/output_files.ts";
import type { JobRecord } from "../../../lib/job_dir/record.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import type { LineFile } from "../../../lib/util/line_file.ts";
import { assertEquals, assertMatch, assertThrows } from "../../support/assert.ts";
import { enterFolder } from "../../support/jobs.ts";
import { recordFor } from "../job_dir/record_for.ts";

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

Deno.test("logFile() uses the name of the job, or the user's name", async () => {
  await using _folder = await enterFolder();
  const config = { ...recordFor("x").options, logDir: "l" };
  assertMatch(pathOf(logFile("a b", { ...config, log: true }))!, /^l\/a\.b_\d{8}T\d{6}\.log$/);
  assertMatch(pathOf(logFile("a", { ...config, log: "own" }))!, /^l\/own_\d{8}T\d{6}\.log$/);
  assertEquals(logFile("a", { ...config, log: false }), undefined);
});

Deno.test("createOutput() empties the file, and refuses one that cannot be written", async () => {
  await using folder = await enterFolder({ "out.ndjson": "old\n" });
  assertEquals(createOutput("out.ndjson"), `${Deno.cwd()}/out.ndjson`);
  assertEquals(await Deno.readTextFile(`${folder.path}/out.ndjson`), "");
  assertThrows(() => createOutput("none/out.ndjson"), UsageError, "Cannot write none/out.ndjson: ");
});
