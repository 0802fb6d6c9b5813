/**
 * The command `dl_jobs map`.
 *
 * @module
 */

import { listJobs } from "../../../lib/job_dir/find.ts";
import { jobFolder } from "../../../lib/job_dir/layout.ts";
import { readRecord } from "../../../lib/job_dir/record.ts";
import { assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { checkAll, dlJobs, linesIn, makeProject, said } from "./commands.ts";

Deno.test("dl_jobs map reads stdin and files, and writes stdout or a file", async (t) => {
  await using project = await makeProject({ "a.ndjson": "1\r\n\n2", "b.ndjson": '{"x":[3]}\n' });
  const same = (total: number) => said("work.same", total, { results: "" });
  const none = same(0).replace("local\n", "local\nstdin has no records: it has no tasks\n");
  await checkAll(
    t,
    project.path,
    [
      { args: "map work.same -", stdin: "1\n2\n3\n", out: "1\n2\n3\n", err: same(3) },
      { args: "map work.same --input ndjson", stdin: '["a"]\n', out: '["a"]\n', err: same(1) },
      { args: "map work.same", stdin: "", err: none },
      { args: "map work.ts#same a.ndjson", out: "1\n2\n", err: same(2) },
      { args: "map ./work.ts#same a.ndjson b.ndjson", out: '1\n2\n{"x":[3]}\n', err: same(3) },
      {
        args: "map work.same b.ndjson - a.ndjson",
        stdin: "4\n",
        out: '{"x":[3]}\n4\n1\n2\n',
        err: same(4),
      },
      {
        args: "map work.same a.ndjson --output out.ndjson",
        err: said("work.same", 2, { results: "out.ndjson" }),
      },
      { args: "map work.same out.ndjson --no-noisy --save_results", out: "1\n2\n" },
    ].map((one) => ({ ...one, args: `${one.args} --workers 1 --ordered` })),
  );
  assertEquals(await Deno.readTextFile(`${project.path}/out.ndjson`), "1\n2\n");
});

Deno.test("dl_jobs map --name names the job and its files", async () => {
  await using project = await makeProject();
  const map = "map work.same - --name nightly:run --save-results";
  const done = await dlJobs(map, { cwd: project.path, stdin: "1\n" });
  assertEquals([done.out, done.code], ["1\n", 0]);
  assertStringIncludes(done.err, "nightly:run: job ");
  const results = await dlJobs("results nightly:run", { cwd: project.path });
  assertEquals([results.out, results.code], ["1\n", 0]);
  const files = [...Deno.readDirSync(`${project.path}/results`)].map(({ name }) => name);
  assertStringIncludes(files.join(), "nightly.run_");
});

Deno.test("dl_jobs map --ordered writes results in the order of the list", async () => {
  await using project = await makeProject();
  const numbers = Array.from({ length: 2000 }, (_, i) => `${i}\n`).join("");
  const done = await dlJobs("map work.same - --ordered --workers 3 --chunk 7", {
    cwd: project.path,
    stdin: numbers,
  });
  assertEquals(done, { out: numbers, err: said("work.same", 2000, { results: "" }), code: 0 });
});

Deno.test("dl_jobs map reports an invalid line as one error, and runs the rest", async () => {
  await using project = await makeProject({ "in.ndjson": '1\n\n{"a":1,}\n3\n' });
  const done = await dlJobs("map work.same in.ndjson --ordered", { cwd: project.path });
  const failed = "task 1: Cannot read in.ndjson:3:8: Expected double-quoted property name";
  const err = said("work.same", 3, { failed, results: "" })
    .replace(/(?<=next {4}).*/, "fix in.ndjson, then start a new job with --reuse");
  assertEquals(done, { out: "1\n3\n", err, code: 1 });
  assertEquals(await linesIn(`${project.path}/errors`), [{
    ERROR: "Cannot read in.ndjson:3:8: Expected double-quoted property name",
    ARGS: '{"a":1,}',
    KWARGS: {},
    type: "SyntaxError",
    class: "invalid",
    task: 1,
    place: "in.ndjson:3",
    attempts: 1,
  }]);
  // A later attempt would read the same line.
  const again = await dlJobs("retry --json", { cwd: project.path });
  assertEquals([again.code, /dl_jobs retry/.test(again.err)], [1, false], again.err);
  assertStringIncludes(again.err, "retry cannot help: the list has no valid elements");
});

Deno.test("dl_jobs map runs all tasks, whatever one of them does", async () => {
  await using project = await makeProject();
  const input = Array.from({ length: 30 }, (_, i) => i);
  const { out, code } = await dlJobs("map work.mixed - --ordered", {
    cwd: project.path,
    stdin: input.map((x) => `${x}\n`).join(""),
  });
  const isGood = (x: number) => x % 3 !== 2 && x !== 4;
  assertEquals(code, 1);
  assertEquals(out, input.filter(isGood).map((x) => `${x}\n`).join(""));
  const errors = await linesIn(`${project.path}/errors`) as { ARGS: number; ERROR: string }[];
  const reason = (x: number) => x === 4 ? "the task called exit(3)" : `thrown for ${x}`;
  assertEquals(
    errors.map(({ ARGS, ERROR }) => [ARGS, ERROR]).sort((a, b) => Number(a[0]) - Number(b[0])),
    input.filter((x) => !isGood(x)).map((x) => [x, reason(x)]),
  );
  const logs = await dlJobs("logs", { cwd: project.path });
  assertEquals(logs, { out: "CLOCK 1: no newline\n", err: "", code: 0 });
});

Deno.test("dl_jobs map --data records the files to send with the function", async () => {
  await using project = await makeProject({ "a.csv": "1\n", "b.csv": "2\n", "c.txt": "3\n" });
  const call = { cwd: project.path };
  const args = ["map", "work.same", "-q", "--data", "*.csv", "--data=c.txt", ":::", "1"];
  assertEquals(await dlJobs(args, call), { out: '"1"\n', err: "", code: 0 });
  const [id] = listJobs(project.path), { ship } = readRecord(jobFolder(id!, project.path));
  assertEquals(ship?.data, ["*.csv", "c.txt"]);
});
