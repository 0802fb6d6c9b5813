import { openArchive, ResultArchive } from "../../../../lib/engines/compute/result_archive.ts";
import { type EventBatch, type LogLine, NO_EVENTS } from "../../../../lib/journal/format.ts";
import { updateLine } from "../../../../lib/journal/task_update.ts";
import { assertEquals } from "../../../support/assert.ts";
import { decode, failureOf, successOf } from "./_batches.ts";

const checkpointOf = (id: number, value: string) =>
  ({ id, attempt: 1, type: "checkpoint", value }) as const;

function updatesOf(...values: readonly (readonly [id: number, value: string])[]): EventBatch {
  return { ...NO_EVENTS, updates: values.map(([id, value]) => checkpointOf(id, value)) };
}

Deno.test("ResultArchive keeps the last checkpoints of tasks that have not succeeded", async () => {
  const warnings: LogLine[] = [];
  const archive = new ResultArchive((line) => warnings.push(line));
  await archive.add(updatesOf([0, "1"], [1, "1"], [2, "1"], [1, "2"]));
  await archive.add(updatesOf([2, JSON.stringify("x".repeat(200_000))]));
  await archive.add(successOf(0));
  await archive.add(failureOf(1));
  const parts = await Array.fromAsync(openArchive(await archive.close({ ended: "now" })), decode);
  const lines = parts.join("").trim().split("\n");
  const [success, kept, failed, open, end] = lines;
  assertEquals([success, kept, open, end], [
    '{"id":0,"result":1}',
    updateLine(checkpointOf(1, "2")),
    updateLine(checkpointOf(2, "1")),
    '{"ended":"now"}',
  ]);
  assertEquals(JSON.parse(failed!).type, "failed");
  assertEquals(warnings.map(({ id, text }) => [id, text]), [[
    2,
    "Warning: a checkpoint of 200002 characters stays on the platform, because it has more than " +
    "200000; another platform job cannot continue from it\n",
  ]]);
});
