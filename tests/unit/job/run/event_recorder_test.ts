import { EventRecorder } from "../../../../lib/job/run/event_recorder.ts";
import { beginRun } from "../../../../lib/job/run/active_run.ts";
import type { RunPlan } from "../../../../lib/job/plan/plan.ts";
import type { JobRecord } from "../../../../lib/job_dir/record.ts";
import { type EventBatch, type FailedAttempt, NO_EVENTS } from "../../../../lib/journal/format.ts";
import { LineFile } from "../../../../lib/util/files/line_file.ts";
import { type Folder, makeFolder } from "../../../../tools/support/files.ts";
import { assert, assertEquals } from "../../../support/assert.ts";
import { eventLines, readLines } from "../../../support/jobs.ts";
import { bytesOf, failedLine, planFor } from "../plan_for.ts";

function recorderIn(
  { path }: Folder,
  more: Partial<RunPlan> = {},
  record: Partial<JobRecord> = {},
) {
  const plan = planFor(path, {
    results: new LineFile(`${path}/results.ndjson`, true),
    errors: new LineFile(`${path}/errors.ndjson`, true),
    ...more,
  }, record);
  const run = beginRun(plan);
  return { run, plan, events: new EventRecorder(run) };
}

const success = (id: number, result: string): EventBatch => ({
  ...NO_EVENTS,
  lines: bytesOf(`{"id":${id},"result":${result}}`),
  results: bytesOf(result),
  succeeded: 1,
});

const failure = (id: number, type: "failed" | "lost", attempt = 1): FailedAttempt => ({
  event: { id, attempt, type, ms: 1, error: { message: "no", type: "Error", class: "error" } },
  args: new TextEncoder().encode(`{"tile":${id}}`),
});

Deno.test("EventRecorder writes events to the journal, and results, errors, logs, spans", async () => {
  await using folder = await makeFolder();
  const { run, events } = recorderIn(folder);
  const log = { id: 0, attempt: 1, stream: "stdout", text: "hello\n", time: 1 } as const;
  const span = { worker: "0", from: 1, to: 2, id: 0, count: 1 };
  const ended = failure(3, "failed", 2) as { event: never; args: Uint8Array };
  await events.record(
    { ...success(0, '{"mean":1}'), logs: [log], span },
    [failure(1, "failed"), failure(2, "lost")],
    [ended],
  );
  events[Symbol.dispose]();
  const lines = eventLines(folder.path).map((line) => line.replace(/,"at":\d{13}\}$/, "}"));
  assertEquals(lines, [
    '{"id":0,"result":{"mean":1}}',
    failedLine(1, "no", "retried"),
    failedLine(2, "no", "lost"),
    failedLine(3, "no", "failed", 2),
  ]);
  assertEquals(readLines(`${folder.path}/results.ndjson`), ['{"mean":1}']);
  assertEquals(readLines(`${folder.path}/errors.ndjson`), [
    '{"ERROR":"no","ARGS":{"tile":3},"KWARGS":{},"type":"Error","class":"error","task":3,"attempts":2}',
  ]);
  assertEquals(readLines(`${folder.path}/logs.ndjson`), [JSON.stringify(log)]);
  assertEquals(readLines(`${folder.path}/spans.ndjson`), [JSON.stringify(span)]);
  assertEquals(run.counts, { read: 0, succeeded: 1, failed: 1, retried: 2 });
  assertEquals(events.stats.errors, [{ message: "no", count: 1, task: 3 }]);
  assertEquals(run.record.files, {
    results: `${folder.path}/results.ndjson`,
    errors: `${folder.path}/errors.ndjson`,
  });
});

Deno.test("EventRecorder shows a sink only results that are in the journal", async () => {
  await using folder = await makeFolder();
  const seen: [lines: string, journal: number][] = [];
  const sink = {
    write(lines: Uint8Array) {
      const journal = eventLines(folder.path).length;
      seen.push([new TextDecoder().decode(lines), journal]);
    },
  };
  const { events } = recorderIn(folder, { outputSinks: [sink] });
  await events.record(success(0, "1"), [], []);
  await events.record(success(1, "[2,3]"), [], []);
  events[Symbol.dispose]();
  assertEquals(seen, [["1\n", 1], ["2\n3\n", 2]]);
});

Deno.test("EventRecorder records results of earlier jobs like those of the engine", async () => {
  await using folder = await makeFolder();
  const { run, events } = recorderIn(folder);
  await events.recordCached({ lines: bytesOf(), results: bytesOf(), succeeded: 0 });
  await events.recordCached(success(4, "16"));
  events[Symbol.dispose]();
  assertEquals(eventLines(folder.path), ['{"id":4,"result":16}']);
  assertEquals(readLines(`${folder.path}/results.ndjson`), ["16"]);
  assertEquals(run.counts.succeeded, 1);
});

Deno.test("EventRecorder holds the list back while results wait for their turn", async () => {
  await using folder = await makeFolder();
  const options = { ...planFor("").record.options, ordered: true };
  const { events } = recorderIn(folder, {}, { options });
  await events.waitForWindow(100_000);
  let isOpen = false;
  const waiting = events.waitForWindow(100_001).then(() => isOpen = true);
  await events.record(success(1, "1"), [], []);
  assert(!isOpen);
  await events.record(success(0, "0"), [], []);
  await waiting;
  events[Symbol.dispose]();
  assertEquals(readLines(`${folder.path}/results.ndjson`), ["0", "1"]);
});
