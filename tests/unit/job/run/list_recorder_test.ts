import { EventRecorder } from "../../../../lib/job/run/event_recorder.ts";
import { ListRecorder } from "../../../../lib/job/run/list_recorder.ts";
import type { RunPlan } from "../../../../lib/job/plan/plan.ts";
import { beginRun } from "../../../../lib/job/run/active_run.ts";
import { recoverRun } from "../../../../lib/job/run/recovery.ts";
import { STORE } from "../../../../lib/job_dir/layout.ts";
import { readRecord } from "../../../../lib/job_dir/record.ts";
import type { FailedAttempt } from "../../../../lib/journal/format.ts";
import type { TaskBatch } from "../../../../lib/tasks/batch.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";
import { enterFolder, eventLines, readLines } from "../../../support/jobs.ts";
import { recordFor } from "../../job_dir/record_for.ts";
import { failedLine, journalOf, planFor } from "../plan_for.ts";

/** Each batch as the attempt and the arguments of its tasks by id. */
function shown(batches: readonly TaskBatch[]): unknown[] {
  return batches.map((batch) => [
    batch.attempt,
    Object.fromEntries(Array.from(batch, ({ id, args }) => [id, new TextDecoder().decode(args)])),
  ]);
}

async function readAll(plan: RunPlan) {
  const run = plan.code === undefined ? await recoverRun(plan) : beginRun(plan);
  using events = new EventRecorder(run);
  using list = new ListRecorder(run, events);
  await list.loadCache();
  const batches = await Array.fromAsync(list.open());
  return { batches: shown(batches), run, reused: list.reused };
}

Deno.test("ListRecorder keeps the list as it is read, and records its end", async () => {
  await using folder = await makeFolder();
  const plan = planFor(folder.path, { code: "", list: ["a", { b: 1 }] });
  const { batches, run } = await readAll(plan);
  assertEquals(batches, [[1, { 0: '"a"', 1: '{"b":1}' }]]);
  assertEquals(readLines(`${folder.path}/tasks.ndjson`), ['"a"', '{"b":1}']);
  assertEquals(run.counts, { read: 2, total: 2, succeeded: 0, failed: 0, retried: 0 });
  assertEquals(readRecord(folder.path).isRead, true);
});

Deno.test("ListRecorder passes on the tasks that have not ended, then the rest of the list", async () => {
  await using folder = await makeFolder({
    "tasks.ndjson": "0\n1\n2\n3\n",
    "events.ndjson": journalOf(
      '{"id":0,"result":0}',
      failedLine(1),
      failedLine(2, "no", "retried"),
    ),
  });
  const { batches, run } = await readAll(planFor(folder.path, { list: 6 }));
  assertEquals(batches, [[1, { 3: "3" }], [2, { 2: "2" }], [1, { 4: "4", 5: "5" }]]);
  assertEquals(run.counts.read, 6);
  assertEquals(readLines(`${folder.path}/tasks.ndjson`), ["0", "1", "2", "3", "4", "5"]);
});

Deno.test("ListRecorder does not repeat a task that only the journal still has", async () => {
  await using folder = await makeFolder({
    "tasks.ndjson": "0\n",
    "events.ndjson": journalOf('{"id":0,"result":0}', '{"id":2,"result":2}'),
  });
  const { batches } = await readAll(planFor(folder.path, { list: [0, 1, 2, 3] }));
  assertEquals(batches, [[1, { 1: "1" }], [1, { 3: "3" }]]);
  assertEquals(readLines(`${folder.path}/tasks.ndjson`), ["0", "1", "2", "3"]);
});

Deno.test("ListRecorder does not read a list that is lost", async () => {
  await using folder = await makeFolder({
    "tasks.ndjson": "0\n1\n",
    "events.ndjson": journalOf('{"id":0,"result":0}'),
  });
  const { batches, run } = await readAll(planFor(folder.path));
  assertEquals(batches, [[1, { 1: "1" }]]);
  assertEquals(run.record.isRead, undefined);
});

Deno.test("ListRecorder uses results of earlier jobs, and passes on the other tasks", async () => {
  await using folder = await enterFolder();
  const earlier = `${STORE}/20260101T000000-000aaa`, folderNow = `${folder.path}/${STORE}/x`;
  await folder.write(`${earlier}/job.json`, JSON.stringify(recordFor("20260101T000000-000aaa")));
  await folder.write(`${earlier}/tasks.ndjson`, "1\n2\n3\n");
  await folder.write(
    `${earlier}/events.ndjson`,
    '{"journal":2,"job":"20260101T000000-000aaa"}\n{"id":1,"result":{"twice":4}}\n',
  );
  await folder.write(`${STORE}/x/job.json`, "{}");
  await Deno.remove(`${folderNow}/job.json`);
  const options = { ...recordFor("x").options, reuse: true };
  const plan = planFor(folderNow, { code: "", list: [2, 9] }, { options });
  const { batches, run, reused } = await readAll(plan);
  assertEquals([batches, reused], [[[1, { 1: "9" }]], 1]);
  assertEquals(run.counts.succeeded, 1);
  assertEquals(eventLines(folderNow), ['{"id":0,"result":{"twice":4}}']);
});

Deno.test("ListRecorder names the place of a line that is not JSON", async () => {
  await using folder = await makeFolder({ "list.ndjson": "1\n\n{oops\n" });
  const run = beginRun(planFor(folder.path, { code: "", list: `${folder.path}/list.ndjson` }));
  using events = new EventRecorder(run);
  using list = new ListRecorder(run, events);
  await Array.fromAsync(list.open());
  const failed = (args: string, type: string): FailedAttempt => ({
    event: { id: 1, attempt: 1, type: "lost", error: { message: "no", type, class: "error" } },
    args: new TextEncoder().encode(args),
  });
  const { error: bad } = list.explain(failed("{oops", "SyntaxError")).event;
  const place = `Cannot read ${folder.path}/list.ndjson:3:2: `;
  assertEquals(bad.message.slice(0, place.length), place);
  assertEquals([bad.type, bad.class], ["SyntaxError", "invalid"]);
  assertEquals(list.explain(failed("{}", "SyntaxError")).event.error.message, "no");
  assertEquals(list.explain(failed("{oops", "TypeError")).event.error.message, "no");
});
