import { type Limits, TaskBatch } from "../../../../lib/tasks/batch.ts";
import { TaskBuffer } from "../../../../lib/engines/batch/task_buffer.ts";
import { assert, assertEquals } from "../../../support/assert.ts";
import { until } from "../../../../tools/support/until.ts";

function batchOf(first: number, count: number, limits?: Limits): TaskBatch {
  const bytes = new TextEncoder().encode("1\n".repeat(count));
  return TaskBatch.of(bytes, count, first, limits ? { limits } : {});
}

async function* listOf(batches: readonly TaskBatch[]): AsyncGenerator<TaskBatch> {
  yield* batches;
}

/** All batches, taken in. */
async function filled(
  batches: readonly TaskBatch[],
  window = { tasks: 1e6, bytes: 1e9 },
): Promise<TaskBuffer> {
  const intake = new TaskBuffer(listOf(batches), window);
  intake.read({ tasks: 0, bytes: 0 });
  await until(() => intake.isEnded, "the end of the list");
  return intake;
}

const idsOf = (batches: readonly TaskBatch[]) =>
  batches.flatMap((batch) => Array.from(batch, ({ id }) => id));
const upTo = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

Deno.test("TaskBuffer.take() takes from the front, and cuts the last batch where it must", async () => {
  const intake = await filled([batchOf(0, 1), batchOf(1, 1), batchOf(2, 5), batchOf(7, 1)]);
  assertEquals([intake.count, intake.bytes], [8, 16]);
  assertEquals(idsOf(intake.take(4)), [0, 1, 2, 3]);
  assertEquals([intake.count, intake.bytes], [4, 8]);
  assertEquals(idsOf(intake.take(3)), [4, 5, 6]);
  assertEquals(idsOf(intake.take(3)), [7]);
  assertEquals(idsOf(intake.take(3)), []);
  assertEquals([intake.count, intake.bytes], [0, 0]);
});

Deno.test("TaskBuffer.take() takes many batches of a single task by the thousands", async () => {
  const intake = await filled(upTo(0, 20_000).map((id) => batchOf(id, 1)));
  for (let from = 0; from < 20_000; from += 5000) {
    assertEquals(idsOf(intake.take(5000)), upTo(from, from + 5000));
  }
  assertEquals([intake.count, intake.bytes], [0, 0]);
});

Deno.test("TaskBuffer.take() keeps tasks with other limits apart", async () => {
  const limits = { timeout: 5 };
  const intake = await filled([
    batchOf(0, 2),
    batchOf(2, 2, limits),
    batchOf(4, 1, limits),
    batchOf(5, 1),
  ]);
  const taken = () => idsOf(intake.take(10));
  assertEquals([taken(), taken(), taken(), taken()], [[0, 1], [2, 3, 4], [5], []]);
});

Deno.test("TaskBuffer.giveBack() puts tasks where they were", async () => {
  const intake = await filled([batchOf(0, 3), batchOf(3, 3)]);
  const taken = intake.take(4);
  intake.giveBack(taken);
  assertEquals([intake.count, intake.bytes], [6, 12]);
  assertEquals(idsOf(intake.take(6)), upTo(0, 6));
});

Deno.test("TaskBuffer reads no further than its window, with what is under way elsewhere", async () => {
  const batches = upTo(0, 10).map((id) => batchOf(id, 1));
  const intake = new TaskBuffer(listOf(batches), { tasks: 5, bytes: 1e9 });
  intake.read({ tasks: 2, bytes: 0 });
  await until(() => intake.count === 3, "three tasks");
  intake.read({ tasks: 2, bytes: 0 });
  assertEquals([intake.count, intake.isEnded], [3, false]);
  intake.read({ tasks: 0, bytes: 0 });
  await until(() => intake.count === 5, "five tasks");
  await intake.close();
  assert(intake.isEnded);
});

Deno.test("TaskBuffer keeps what was read before a list fails", async () => {
  const reason = new Error("torn");
  async function* torn(): AsyncGenerator<TaskBatch> {
    yield batchOf(0, 2);
    throw reason;
  }
  const intake = new TaskBuffer(torn(), { tasks: 9, bytes: 99 });
  intake.read({ tasks: 0, bytes: 0 });
  await until(() => intake.isEnded, "the end of the list");
  assertEquals([intake.count, intake.failure], [2, { reason }]);
});
