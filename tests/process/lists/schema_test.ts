/**
 * Elements that are checked with a schema before they become tasks.
 *
 * @module
 */

import { resume } from "../../../lib/api/history.ts";
import { Job } from "../../../lib/api/job.ts";
import { readRecord } from "../../../lib/job_dir/record.ts";
import type { JsonSchema, StandardSchema } from "../../../mod.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";
import { enterFolder } from "../../support/jobs.ts";
import { dlJobs } from "../cli/commands.ts";

const NDJSON = '{"city":"Oslo","year":2001}\n{"city":"Bern"}\n{oops\n' +
  '{"city":"Rom","year":1800.5}\n{"city":"Nis","year":2003,"band":"red"}\n';
const SCHEMA = {
  properties: {
    city: { type: "string" },
    year: { type: "integer" },
    band: { enum: ["nir", "red"], default: "nir" },
  },
  required: ["city", "year"],
};
const SAME = "export const task = (x: unknown) => x;\n";
const FILES = { "a.ndjson": NDJSON, "s.json": JSON.stringify(SCHEMA), "same.ts": SAME };

const VALID = [
  { city: "Oslo", year: 2001, band: "nir" },
  { city: "Nis", year: 2003, band: "red" },
].map((value) => JSON.stringify(value) + "\n").join("");
const OOPS = "Cannot read a.ndjson:3:2: Expected property name or '}'";
const MISSING = "Cannot use a.ndjson:2: must have required property 'year'";

Deno.test("--schema checks the elements of each kind of function", async (t) => {
  await using folder = await makeFolder(FILES);
  const cwd = folder.path;
  await t.step("a function", async () => {
    const call = "map same.ts a.ndjson --schema s.json --ordered --workers 1";
    assertEquals(await dlJobs(call, { cwd }), {
      out: VALID,
      err: [
        "same.task: job ID on local",
        "2 of 5 succeeded, 3 failed, in MS",
        `  failed  task 1: ${MISSING}`,
        `          task 2: ${OOPS}`,
        "          task 3: Cannot use a.ndjson:4: year: must be integer, not 1800.5",
        "  errors  errors/same.task_TIME.ndjson",
        "  log     logs/same.task_TIME.log",
        "  next    dl_jobs errors ID",
        "          fix a.ndjson, then start a new job with --reuse",
        "",
      ].join("\n"),
      code: 1,
    });
  });
  await t.step("a command, whose placeholder has a default", async () => {
    const call = "map a.ndjson --schema s.json --invalid skip --ordered -q -- echo {band}";
    assertEquals(await dlJobs(call, { cwd }), { out: '"nir"\n"red"\n', err: "", code: 0 });
  });
  await t.step("stdin, cut before", async () => {
    const call = "map same.ts - --skip 1 -n 3 --schema s.json --invalid skip";
    const { out, err, code } = await dlJobs(call, { cwd, stdin: NDJSON });
    assertEquals([out, code], ["", 0]);
    assertEquals(err.split("\n").slice(1, 3), [
      "0 of 0 succeeded, 3 skipped, in MS",
      "  skipped Cannot use stdin:2: must have required property 'year'",
    ]);
  });
});

Deno.test("an invalid element stops a job before its first task, or when it is read", async (t) => {
  await using folder = await makeFolder({
    ...FILES,
    "good.ndjson": VALID,
    "mark.ts": `export const task = (x: unknown) => Deno.writeTextFileSync("called", "");\n`,
  });
  const cwd = folder.path, call = "map mark.ts a.ndjson --schema s.json --invalid stop";
  await t.step("a file is read to its end first", async () => {
    assertEquals(await dlJobs(call, { cwd }), {
      out: "",
      err: `Error: Cannot start the job: 3 of 5 elements are invalid; the first: ${MISSING}; fix ` +
        "the list, or pass --invalid skip to leave them out\n",
      code: 2,
    });
    const names = Array.from(Deno.readDirSync(cwd), ({ name }) => name);
    assertEquals(names.includes("called"), false);
  });
  await t.step("a good file runs", async () => {
    const good = call.replace("a.ndjson", "good.ndjson") + " -q";
    assertEquals(await dlJobs(good, { cwd }), { out: "null\nnull\n", err: "", code: 0 });
  });
  await t.step("stdin is read while the job runs", async () => {
    const { err, code } = await dlJobs(call.replace("a.ndjson", "-"), { cwd, stdin: NDJSON });
    const text = "Cannot use stdin:2: must have required property 'year', and the job stops there";
    assertEquals([err, code], [`mark.task: job ID on local\nError: ${text}\n`, 2]);
  });
});

Deno.test("the record, --dry-run and status have the check", async () => {
  await using folder = await makeFolder(FILES);
  const cwd = folder.path, flags = "--schema s.json --invalid skip";
  const dry = await dlJobs(`map same.ts a.ndjson ${flags} --dry-run`, { cwd });
  const text = /checked by the schema of DIR\/s\.json \(([\da-f]{16})\), --invalid skip\) on local/;
  const [, hash] = text.exec(dry.err)!;
  await dlJobs(`map same.ts a.ndjson ${flags} -q`, { cwd });
  const status = await dlJobs("status --json", { cwd });
  const check = { file: "DIR/s.json", hash, invalid: "skip", skipped: 3 };
  assertEquals(JSON.parse(status.out).check, check);
  const [job] = Array.from(Deno.readDirSync(`${cwd}/.dl_jobs`), ({ name }) => name)
    .filter((name) => name.startsWith("2"));
  const record = JSON.parse(await Deno.readTextFile(`${cwd}/.dl_jobs/${job}/job.json`));
  assertEquals(record.check, { ...check, file: "./s.json" });
});

Deno.test("an invalid element is not replayed, and its task is not retried", async () => {
  await using folder = await makeFolder(FILES);
  const cwd = folder.path;
  await dlJobs("map same.ts a.ndjson --schema s.json -q", { cwd });
  const replayed = await dlJobs("replay last 1", { cwd });
  assertEquals(replayed, { out: "", err: `Error: Cannot replay task 1: ${MISSING}\n`, code: 2 });
  const err = "retry cannot help: the list has no valid elements for 3 failed tasks, see dl_jobs " +
    "errors ID\nsame.task: 3 of 5 tasks failed, see dl_jobs errors ID\n";
  assertEquals(await dlJobs("retry", { cwd }), { out: "", err, code: 1 });
  const { counts } = JSON.parse((await dlJobs("status --json", { cwd })).out);
  assertEquals(counts, { total: 5, succeeded: 2, failed: 3, invalid: 3 });
  assertEquals((await dlJobs("status", { cwd })).out.includes("dl_jobs retry"), false);
  const sql = ["query", "select class, attempts from tasks where class is not null", "--format"];
  const { out } = await dlJobs([...sql, "csv"], { cwd });
  assertEquals(out, "class,attempts\n" + "invalid,1\n".repeat(3));
});

Deno.test("a job that was killed resumes with its check", async (t) => {
  await using folder = await makeFolder({
    ...FILES,
    "list.ndjson": Array.from({ length: 5000 }, (_, id) => `{"id":${id}}\n`).join(""),
    "m.ts": `let calls = 0;
      const validate = ({ id }: any) =>
        id % 10 === 3 ? { issues: [{ message: "is unlucky" }] } : { value: { id, next: id + 1 } };
      export const args = { "~standard": { version: 1, vendor: "own", validate } };
      export const task = async ({ next }: any) => {
        if (++calls === 700 && await Deno.stat("go").catch(() => undefined) === undefined) {
          Deno.kill(Deno.ppid, "SIGKILL");
          await new Promise((resolve) => setTimeout(resolve, 60_000));
        }
        return next;
      };\n`,
  });
  const cwd = folder.path;
  for (const invalid of ["skip", "fail"]) {
    await t.step(invalid, async () => {
      await Deno.remove(`${cwd}/go`).catch(() => {});
      const map = `map m.ts list.ndjson --workers 1 --invalid ${invalid} -q -o ${invalid}.ndjson`;
      assertEquals((await dlJobs(map, { cwd })).code, 137);
      await folder.write("go", "");
      assertEquals((await dlJobs("resume -q", { cwd })).code, invalid === "skip" ? 0 : 1);
      const text = await Deno.readTextFile(`${cwd}/${invalid}.ndjson`);
      const numbers = text.trim().split("\n").map(Number).sort((a, b) => a - b);
      const expected = Array.from({ length: 5000 }, (_, id) => id + 1);
      assertEquals(numbers, expected.filter((next) => next % 10 !== 4));
    });
  }
});

Deno.test("a job does not resume with another schema", async () => {
  await using folder = await makeFolder(FILES);
  const cwd = folder.path;
  const call = "map same.ts a.ndjson --schema s.json -n 1 -q -o out.ndjson";
  assertEquals((await dlJobs(call, { cwd })).code, 0);
  await folder.write("s.json", JSON.stringify({ ...SCHEMA, title: "another" }));
  const { err, code } = await dlJobs("resume --limit none", { cwd });
  const text = "Cannot resume job ID: its schema DIR/s.json has changed since the job began, " +
    "restore it or start a new job with --reuse";
  assertEquals([err, code], [`Error: ${text}\n`, 2]);
});

Deno.test("an export args that is not a schema is left alone", async () => {
  await using folder = await makeFolder({
    ...FILES,
    "m.ts": `export const args = ["a"];\nexport const task = () => args;\n`,
  });
  const cwd = folder.path, dry = await dlJobs("map m.ts a.ndjson -n 1 --dry-run", { cwd });
  assertEquals(dry.err, "m.task: job ID would run the tasks of its list (--limit 1) on local\n");
  const { out } = await dlJobs("map m.ts a.ndjson -n 1 -q", { cwd });
  assertEquals(out, '["a"]\n');
});

Deno.test("a job in code checks its elements", async (t) => {
  await using _folder = await enterFolder(FILES);
  const options = { fn: (x: unknown) => x, schema: "s.json", quiet: true };
  const list = [{ city: "a", year: 1 }, { city: 2 }];
  await t.step("an invalid element fails", async () => {
    const job = new Job({ ...options, argsList: list });
    const { succeeded, failed, invalid, paths } = await job.run();
    assertEquals([succeeded, failed, invalid], [1, 1, 1]);
    assertEquals(readRecord(paths.folder).check?.invalid, "fail");
    const value = JSON.parse(await Deno.readTextFile(paths.results!));
    assertEquals(value, { city: "a", year: 1, band: "nir" });
    const { ERROR, ARGS, class: kind, type } = JSON.parse(await Deno.readTextFile(paths.errors!));
    const reason = "must have required property 'year'; city: must be string, not 2";
    assertEquals([ERROR, ARGS, kind, type], [
      ...[`Cannot use element 1: ${reason}`, { city: 2 }, "invalid", "ValidationError"],
    ]);
  });
  await t.step("the summary has the elements that are left out", async () => {
    const job = new Job({ ...options, argsList: list, invalid: "skip" });
    const { total, skipped } = await job.run();
    const first = "Cannot use element 1: must have required property 'year'; " +
      "city: must be string, not 2";
    assertEquals([total, skipped], [1, { count: 1, first }]);
  });
  await t.step("the schema is an object", async () => {
    const validate = async (value: unknown) => {
      await Promise.resolve();
      return value === 3 ? { issues: [{ message: "is three" }] } : { value: `${value}` };
    };
    const schemas: [
      schema: StandardSchema | JsonSchema,
      out: string,
      check: object,
      reason: string,
    ][] = [
      [{ "~standard": { validate, vendor: "own" } }, '"1"\n', { vendor: "own" }, "is three"],
      [{ const: 1 }, "1\n", { schema: { const: 1 } }, "must be equal to constant, 1"],
    ];
    for (const [schema, out, check, reason] of schemas) {
      const job = new Job({ ...options, argsList: [1, 3], schema, invalid: "skip" });
      const { paths, skipped } = await job.run();
      assertEquals(await Deno.readTextFile(paths.results!), out);
      assertEquals(skipped, { count: 1, first: `Cannot use element 1: ${reason}` });
      const { hash: _, ...recorded } = readRecord(paths.folder).check!;
      assertEquals(recorded, { ...check, invalid: "skip", skipped: 1 });
    }
  });
  await t.step("the rest of a list needs the same object again", async () => {
    const validate = (value: unknown) => ({ value: { ...value as object, seen: true } });
    const schema = { "~standard": { validate, vendor: "own" } };
    const other = { "~standard": { validate, vendor: "other" } };
    await Deno.writeTextFile("two.ndjson", '{"a":1}\n{"a":2}\n');
    const job = new Job({ ...options, argsList: "two.ndjson", limit: 1, schema });
    const { id, paths } = await job.run();
    const refused = async (more: object) =>
      (await assertRejects(() => resume(id, { limit: "none", ...more }), UsageError)).message;
    const message = (given: string) =>
      `Cannot resume job ${id}: the rest of its list needs its schema of own, which only the code ` +
      `that started it has${given}; run await resume("${id}", { schema }) there, or start a new ` +
      "job with --reuse";
    assertEquals([await refused({}), await refused({ schema: other })], [
      message(""),
      message(", and the given one is of other"),
    ]);
    await resume(id, { limit: "none", schema });
    assertEquals(
      await Deno.readTextFile(paths.results!),
      '{"a":1,"seen":true}\n{"a":2,"seen":true}\n',
    );
  });
  await t.step("a job without a list, an object of another kind, and a wrong word", async () => {
    const refused = async (more: object) => {
      const run = async () => await new Job({ ...options, ...more } as never).run();
      return (await assertRejects(run, UsageError)).message;
    };
    const ofLibrary =
      "Cannot use the schema: it is an object of a library without Standard Schema, " +
      "use a newer version of the library, or a JSON Schema";
    class Schema {
      type = "number";
      parse() {}
    }
    for (const schema of [new Schema(), (value: unknown) => value]) {
      assertEquals(await refused({ argsList: list, schema }), ofLibrary);
    }
    assertEquals([await refused({}), await refused({ argsList: list, invalid: "drop" })], [
      "Cannot check the list of the job: it has none, it is one call",
      'Cannot use "drop" as invalid: write fail, skip, stop',
    ]);
  });
});

Deno.test("resume calls a run method again for its schema", async () => {
  const lib = new URL("../../../mod.ts", import.meta.url);
  await using folder = await makeFolder({
    "two.ndjson": '{"a":1}\n{"a":2}\n',
    "same.ts": SAME,
    "run/jobs.ts": `import { z } from "npm:zod@4.6.7";
import { Job } from "${lib}";
const schema = z.object({ a: z.number(), band: z.string().default("nir") });
export const all = ({ limit }: { limit?: number }) => new Job({ fn: (x: unknown) => x,
  argsList: "two.ndjson", noisy: false, schema });
`,
  });
  const cwd = folder.path, quiet = { err: "", code: 0 };
  const first = '{"a":1,"band":"nir"}\n', second = '{"a":2,"band":"nir"}\n';
  const run = await dlJobs("run jobs.all --limit 1 -q -o out.ndjson", { cwd });
  assertEquals(run, { out: "", ...quiet });
  const resumed = await dlJobs("resume --limit none -q", { cwd });
  assertEquals(resumed, { out: "", ...quiet });
  assertEquals(await Deno.readTextFile(`${cwd}/out.ndjson`), first + second);
});
