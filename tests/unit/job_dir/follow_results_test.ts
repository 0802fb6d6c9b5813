import { followResults } from "../../../lib/job_dir/follow_results.ts";
import { JobLock } from "../../../lib/job_dir/lock.ts";
import { writeRecord } from "../../../lib/job_dir/record.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";
import { recordFor } from "./record_for.ts";

const HEADER = '{"journal":2,"job":"x"}\n';
const ROWS = '{"id":1,"result":"b"}\n{"id":0,"result":"a"}\n';

Deno.test("followResults() reads new results until no process has the job", async () => {
  await using folder = await makeFolder({ "events.ndjson": HEADER + ROWS });
  writeRecord(folder.path, recordFor("x"));
  const lock = await JobLock.take(folder.path);
  const results = followResults<string>(folder.path);
  assertEquals([(await results.next()).value, (await results.next()).value], ["b", "a"]);
  const next = results.next();
  await Deno.writeTextFile(`${folder.path}/events.ndjson`, '{"id":2,"result":"c"}\n', {
    append: true,
  });
  assertEquals((await next).value, "c");
  lock[Symbol.dispose]();
  assertEquals(await results.next(), { done: true, value: undefined });
});

Deno.test("followResults() keeps the order of the list where the job does", async () => {
  await using folder = await makeFolder({ "events.ndjson": HEADER + ROWS });
  const record = recordFor("x");
  writeRecord(folder.path, { ...record, options: { ...record.options, ordered: true } });
  assertEquals(await Array.fromAsync(followResults(folder.path)), ["a", "b"]);
});

Deno.test("followResults() ends with the reason of its signal", async () => {
  await using folder = await makeFolder({ "events.ndjson": HEADER + ROWS });
  writeRecord(folder.path, recordFor("x"));
  using _lock = await JobLock.take(folder.path);
  const stop = new AbortController();
  const all = Array.fromAsync(followResults(folder.path, stop.signal));
  stop.abort(new RangeError("enough"));
  await assertRejects(() => all, RangeError, "enough");
});
