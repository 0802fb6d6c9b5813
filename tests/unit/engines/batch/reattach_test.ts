import { Part } from "../../../../lib/engines/batch/part.ts";
import {
  assignmentsOf,
  formerAssignments,
  Reattachment,
} from "../../../../lib/engines/batch/reattach.ts";
import { Submissions } from "../../../../lib/engines/batch/submissions.ts";
import type { TaskRange } from "../../../../lib/tasks/task_range.ts";
import { TaskBatch } from "../../../../lib/tasks/batch.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";

function batchOf(first: number, count: number, attempt = 1): TaskBatch {
  return TaskBatch.of(new TextEncoder().encode("1\n".repeat(count)), count, first, { attempt });
}

const idsOf = (batches: readonly TaskBatch[]) =>
  batches.flatMap((batch) => Array.from(batch, ({ id }) => id));
const tasksOf = (part: Part) => part.inFlight.running(100);

Deno.test("Reattachment.assign() assigns each part its tasks, and returns the others", () => {
  const first = new Part(), second = new Part();
  const former = new Reattachment([
    { range: [0, 2, 1], part: first },
    { range: [4, 1, 1], part: first },
    { range: [2, 2, 1], part: second },
  ]);
  assertEquals(idsOf(former.assign(batchOf(0, 7))), [5, 6]);
  assertEquals([tasksOf(first), tasksOf(second)], [[0, 1, 4], [2, 3]]);
  assertEquals([first.bytes, first.assigned, former.parts], [6, 3, [first, second]]);
});

Deno.test("Reattachment.assign() does not match another attempt of a task", () => {
  const part = new Part(), former = new Reattachment([{ range: [0, 3, 2], part }]);
  assertEquals(idsOf(former.assign(batchOf(0, 3, 1))), [0, 1, 2]);
  assertEquals(idsOf(former.assign(batchOf(1, 1, 2))), []);
  assertEquals(tasksOf(part), [1]);
});

Deno.test("Reattachment.assign() prefers the submission that had a task last", () => {
  const older = new Part(), newer = new Part();
  const former = new Reattachment([
    { range: [1, 1, 1], part: newer },
    { range: [0, 3, 1], part: older },
  ]);
  assertEquals(idsOf(former.assign(batchOf(1, 1))), []);
  assertEquals([tasksOf(older), tasksOf(newer)], [[], [1]]);
});

Deno.test("Reattachment.assign() prefers it also after a task that only an older one had", () => {
  const older = new Part(), newer = new Part();
  const former = new Reattachment([
    { range: [1, 1, 1], part: newer },
    { range: [0, 3, 1], part: older },
  ]);
  assertEquals(idsOf(former.assign(batchOf(0, 3))), []);
  assertEquals([tasksOf(older), tasksOf(newer)], [[0, 2], [1]]);
});

Deno.test("Reattachment.assign() looks at few of many assignments", () => {
  const part = new Part(), count = 5000;
  let looks = 0;
  const former = new Reattachment(Array.from({ length: count }, (_, id) => ({
    part,
    get range(): TaskRange {
      looks++;
      return [count - 1 - id, 1, 1];
    },
  })));
  assertEquals(idsOf(former.assign(batchOf(0, count))), []);
  assertEquals([part.inFlight.count, looks < 100 * count], [count, true], `${looks} looks`);
});

Deno.test("Reattachment.forget() frees the tasks for other parts", () => {
  const part = new Part(), former = new Reattachment([{ range: [0, 2, 1], part }]);
  former.assign(batchOf(0, 1));
  former.forget(part);
  assertEquals([former.isEmpty, former.parts], [true, []]);
  assertEquals(idsOf(former.assign(batchOf(1, 1))), [1]);
});

Deno.test("formerAssignments() lists the newest submission first, and clears the mark", async () => {
  await using folder = await makeFolder();
  const submissions = new Submissions<TaskRange[][]>(`${folder.path}/x`, ".json");
  submissions.write(submissions.next(), [[[0, 1, 1]], [[1, 1, 1]]]);
  submissions.write(submissions.next(), [[[2, 1, 1], [5, 2, 1]]]);
  await submissions.markCanceled();
  const found = await formerAssignments(
    submissions,
    (path, slices) =>
      assignmentsOf(
        slices,
        (index) => index === 1 ? undefined : `${path.slice(-1)}_${index}`,
      ),
  );
  assertEquals(found, [
    { range: [2, 1, 1], part: "1_0" },
    { range: [5, 2, 1], part: "1_0" },
    { range: [0, 1, 1], part: "0_0" },
  ]);
  assertEquals(submissions.isCanceled(), false);
});
