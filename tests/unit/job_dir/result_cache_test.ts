import type { Config } from "../../../lib/config/config.ts";
import { defaultConfig } from "../../../lib/config/load.ts";
import { type JobFiles, jobFiles, jobFolder } from "../../../lib/job_dir/layout.ts";
import { type JobRecord, writeRecord } from "../../../lib/job_dir/record.ts";
import { ResultCache } from "../../../lib/job_dir/result_cache.ts";
import { joinTasks, type TaskBatch } from "../../../lib/tasks/batch.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";
import { recordFor } from "./record_for.ts";

/** A folder with jobs whose task n returned n and the job's id. */
async function storeOfJobs(jobs: Readonly<Record<string, Partial<JobRecord>>>) {
  const folder = await makeFolder();
  for (const [id, record] of Object.entries(jobs)) {
    const path = jobFolder(id, folder.path).slice(folder.path.length + 1);
    await folder.write(`${path}/job.json`, JSON.stringify(recordFor(id, record)));
    await folder.write(`${path}/tasks.ndjson`, "0\n1\n");
    const events = `{"journal":2,"job":"${id}"}\n{"id":1,"result":["${id}"]}\n`;
    await folder.write(`${path}/events.ndjson`, events);
  }
  return folder;
}

function batchOf(...args: readonly [text: string, attempt: number][]): TaskBatch {
  const tasks = args.map(([text, attempt], id) => ({
    id,
    attempt,
    args: new TextEncoder().encode(text),
  }));
  return joinTasks(tasks)[0]!;
}

const hasSameCode = (_folder: string, { code }: JobRecord) => code === recordFor("now").code;
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test("ResultCache divides a batch into known results and tasks that must run", async () => {
  await using folder = await storeOfJobs({ a: {}, b: {} });
  const cache = await ResultCache.load(recordFor("now"), hasSameCode, folder.path);
  const { found, rest } = cache.divide(batchOf(["1", 1], ["2", 1], ["1 ", 1]));
  assertEquals([decode(found.lines), decode(found.results), found.succeeded], [
    '{"id":0,"result":["b"]}\n',
    '["b"]\n',
    1,
  ]);
  const left = rest.flatMap((batch) => Array.from(batch, ({ id, args }) => [id, decode(args)]));
  assertEquals([left, cache.used, cache.warnings], [[[1, "2"], [2, "1 "]], 1, []]);
  const whole = batchOf(["1", 2]);
  assertEquals(cache.divide(whole).rest, [whole]);
});

Deno.test("ResultCache uses results of the same function, code and values only", async (t) => {
  const other = { function: { module: "file:///work.ts", method: "other" } };
  const withOptions = (more: Partial<Config>) => ({ options: { ...defaultConfig(), ...more } });
  const cases: [
    name: string,
    job: Partial<JobRecord>,
    anyCode: boolean,
    used: number,
    isWarned: boolean,
  ][] = [
    ["the same", {}, false, 1, false],
    ["another function", other, true, 0, false],
    ["changed code", { code: "n3w" }, false, 0, true],
    ["changed code that is allowed", { code: "n3w" }, true, 1, false],
    ["NaN that fails", withOptions({ nan: "fail" }), true, 0, false],
    ["other big integers", withOptions({ bigIntegers: "bigint" }), false, 0, false],
    ["another number of workers", withOptions({ workers: 3 }), false, 1, false],
    ["another function without a module", { function: "function", code: "n3w" }, true, 0, false],
  ];
  for (const [name, job, anyCode, used, isWarned] of cases) {
    await t.step(name, async () => {
      await using folder = await storeOfJobs({ a: job });
      const now = recordFor("now", job.function === "function" ? { function: "function" } : {});
      const cache = await ResultCache.load(now, anyCode ? undefined : hasSameCode, folder.path);
      cache.divide(batchOf(["1", 1]));
      assertEquals([cache.used, cache.warnings.length > 0], [used, isWarned]);
    });
  }
});

Deno.test("ResultCache leaves out what is damaged in earlier jobs, and says so", async () => {
  await using folder = await storeOfJobs({ a: { format: 3 }, b: {}, c: {} });
  const files = ["a", "b", "c"].map((id) => jobFiles(jobFolder(id, folder.path)));
  const [a, b, c] = files as [JobFiles, JobFiles, JobFiles];
  // The job `a` has no checksums for its lines, and the journal of `b` a block that is too short.
  writeRecord(jobFolder("a", folder.path), recordFor("a", { format: 3 }));
  Deno.writeTextFileSync(b.events, '{"id":0,"count":2,"bytes":2}\n1\n', { append: true });
  Deno.writeTextFileSync(c.record, "{");
  const cache = await ResultCache.load(recordFor("now"), hasSameCode, folder.path);
  const { found } = cache.divide(batchOf(["1", 1], ["0", 1]));
  assertEquals(decode(found.lines), '{"id":0,"result":["b"]}\n');
  assertEquals(cache.warnings, [
    `Results are not reused: Cannot read job c: ${c.record} is damaged, restore this file from a copy`,
    "Job a is damaged: only its sound results are reused, see dl_jobs verify a",
    "Job b is damaged: only its sound results are reused, see dl_jobs verify b",
  ]);
  assertEquals(Deno.readTextFileSync(a.tasks), "0\n1\n");
});
