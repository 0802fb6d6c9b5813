/**
 * The files of results and errors that `dl_jobs run` writes, and its exit status.
 *
 * @module
 */

import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { dlJobs, linesIn, makeProject, readAll, said } from "./commands.ts";

Deno.test("dl_jobs run exits with 1 when a task fails", async () => {
  await using project = await makeProject();
  const done = await dlJobs("run jobs.fails", { cwd: project.path });
  assertEquals(done, { out: "1\n2\n", err: said("fails", 3, { failed: "task 0: no 0" }), code: 1 });
  assertEquals(await linesIn(`${project.path}/results`), [1, 2]);
  assertEquals(await linesIn(`${project.path}/errors`), [{
    ERROR: "no 0",
    ARGS: 0,
    KWARGS: {},
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

Deno.test("dl_jobs run writes results and errors to the files that the options name", async (t) => {
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

/** Splits a line at blanks that are outside of quotes; the quotes stay. */
function splitQuoted(line: string): string[] {
  return line.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
}

Deno.test("dl_jobs run appends to a file without a timestamp", async () => {
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
