/**
 * The results of a job in the order of its list.
 *
 * @module
 */

import { jobFiles } from "../../../lib/job_dir/layout.ts";
import { ListFile } from "../../../lib/job_dir/list_file.ts";
import { writeRecord } from "../../../lib/job_dir/record.ts";
import { openResults, type RowOptions } from "../../../lib/job_dir/result_rows.ts";
import { eventLine, successLine } from "../../../lib/journal/format.ts";
import { Journal } from "../../../lib/journal/writer.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";
import { recordFor } from "./record_for.ts";

const encode = (lines: readonly string[]) =>
  new TextEncoder().encode(lines.map((line) => line + "\n").join(""));
const fails = (id: number, attempt = 1) =>
  eventLine({
    ...{ id, attempt, type: "failed", ms: 1 },
    error: { message: "no", type: "Error", class: "error", stack: "" },
  });
const succeeds = (id: number, result: string) => successLine(id, 1, 1, result);

/** Creates a job with a list of texts and a journal, which is written in parts. */
async function makeJob(count: number, parts: readonly (readonly string[])[]) {
  const made = await makeFolder({ ".dl_jobs/j1/spans.ndjson": "" });
  const folder = `${made.path}/.dl_jobs/j1`;
  writeRecord(folder, recordFor("j1", { format: 3 }));
  using list = new ListFile(folder, "j1");
  for (let id = 0; id < count; id += 2) {
    const lines = [`"t${id}"`, `"t${id + 1}"`].slice(0, count - id);
    list.append({ id, count: lines.length, bytes: encode(lines) });
  }
  const journal = Journal.create(jobFiles(folder).events, "j1");
  for (const part of parts) {
    journal.append(encode(part));
    journal.flush();
  }
  return { folder, journal, [Symbol.asyncDispose]: () => made[Symbol.asyncDispose]() };
}

async function rowsOf(folder: string, options: Partial<RowOptions> = {}) {
  const { rows } = await openResults(folder, { name: "x.csv", ...options });
  const first = (await Array.fromAsync(rows())).flat();
  assertEquals((await Array.fromAsync(rows())).flat(), first, "each call returns the same rows");
  return first;
}

Deno.test("openResults() has the results of all tasks that succeeded, in order", async () => {
  await using job = await makeJob(8, [
    [succeeds(6, "6.0"), succeeds(1, '{"a":1}'), fails(2)],
    ['{"id":3,"count":2,"bytes":6,"ms":1}', "30", "40", fails(0)],
    [eventLine({ id: 0, attempt: 1, type: "queued" }), succeeds(7, "7")],
    [succeeds(0, "0")],
  ]);
  assertEquals(await rowsOf(job.folder), [
    { id: 0, result: "0" },
    { id: 1, result: '{"a":1}' },
    { id: 3, result: "30" },
    { id: 4, result: "40" },
    { id: 6, result: "6.0" },
    { id: 7, result: "7" },
  ]);
  assertEquals((await rowsOf(job.folder, { withArgs: true })).map(({ id, args }) => [id, args]), [
    ...[[0, '"t0"'], [1, '"t1"'], [3, '"t3"'], [4, '"t4"'], [6, '"t6"'], [7, '"t7"']],
  ]);
  job.journal[Symbol.dispose]();
});

Deno.test("openResults() takes many results that waited in parts, from memory and the journal", async () => {
  const long = (id: number) => JSON.stringify(`${id}é`.padEnd(600_000, "x"));
  const block = `{"id":5,"count":2,"bytes":${encode([long(5), long(6)]).length},"ms":1}`;
  await using job = await makeJob(8, [
    [fails(0), ...[1, 2, 3].map((id) => succeeds(id, long(id)))],
    [eventLine({ id: 0, attempt: 1, type: "queued" }), succeeds(4, long(4))],
    [block, long(5), long(6)],
    [succeeds(0, "0"), succeeds(7, "7")],
  ]);
  const expected = ["0", ...[1, 2, 3, 4, 5, 6].map(long), "7"];
  for (const mostWaiting of [0, 1_000_000, undefined]) {
    const { rows } = await openResults(job.folder, { name: "x.csv", mostWaiting });
    const batches = await Array.fromAsync(rows());
    assertEquals(batches.flat().map(({ id }) => id), [0, 1, 2, 3, 4, 5, 6, 7]);
    assertEquals(batches.flat().map(({ result }) => result), expected);
    assertEquals(Math.max(...batches.map(({ length }) => length)) < 4, true, "small batches");
  }
  job.journal[Symbol.dispose]();
});

Deno.test("openResults() splits lists without the errors among them", async () => {
  const lists = ['[1.0,{"ERROR":"no"},[2]]', "[]", '"[text]"'];
  await using job = await makeJob(3, [lists.map((list, id) => succeeds(id, list))]);
  assertEquals(await rowsOf(job.folder, { isSplit: true, withArgs: true }), [
    { id: 0, result: "1.0", args: '"t0"' },
    { id: 0, result: "[2]", args: '"t0"' },
    { id: 2, result: '"[text]"', args: '"t2"' },
  ]);
  job.journal[Symbol.dispose]();
});

Deno.test("openResults() has no results of tasks that end after the call", async () => {
  await using job = await makeJob(4, [[succeeds(0, "0"), succeeds(2, "2")]]);
  const { rows } = await openResults(job.folder, { name: "x.csv" });
  job.journal.append(encode([succeeds(1, "1"), succeeds(3, "3")]));
  job.journal.flush();
  const expected = [{ id: 0, result: "0" }, { id: 2, result: "2" }];
  assertEquals((await Array.fromAsync(rows())).flat(), expected);
  assertEquals((await rowsOf(job.folder)).length, 4);
  job.journal[Symbol.dispose]();
});

Deno.test("openResults() leaves out results whose arguments are damaged", async () => {
  await using job = await makeJob(4, [["0", "1", "2", "3"].map((text, id) => succeeds(id, text))]);
  const { tasks } = jobFiles(job.folder);
  Deno.writeTextFileSync(tasks, Deno.readTextFileSync(tasks).replace("t3", "t4"));
  assertEquals(await rowsOf(job.folder, { withArgs: true }), [
    { id: 0, result: "0", args: '"t0"' },
    { id: 1, result: "1", args: '"t1"' },
  ]);
  job.journal[Symbol.dispose]();
});
