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

/** Returns a buffer that has read all batches. */
async function filled(
  batches: readonly TaskBatch[],
  window = { tasks: 1e6, bytes: 1e9 },
): Promise<TaskBuffer> {
  const buffer = new TaskBuffer(listOf(batches), window);
  buffer.read({ tasks: 0, bytes: 0 });
  await until(() => buffer.isEnded, "the end of the list");
  return buffer;
}

const idsOf = (batches: readonly TaskBatch[]) =>
  batches.flatMap((batch) => Array.from(batch, ({ id }) => id));
const upTo = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

Deno.test("TaskBuffer.take() removes tasks from the front, and splits the last batch if needed", async () => {
  const buffer = await filled([batchOf(0, 1), batchOf(1, 1), batchOf(2, 5), batchOf(7, 1)]);
  assertEquals([buffer.count, buffer.bytes], [8, 16]);
  assertEquals(idsOf(buffer.take(4)), [0, 1, 2, 3]);
  assertEquals([buffer.count, buffer.bytes], [4, 8]);
  assertEquals(idsOf(buffer.take(3)), [4, 5, 6]);
  assertEquals(idsOf(buffer.take(3)), [7]);
  assertEquals(idsOf(buffer.take(3)), []);
  assertEquals([buffer.count, buffer.bytes], [0, 0]);
});

Deno.test("TaskBuffer.take() handles thousands of batches of a single task", async () => {
  const buffer = await filled(upTo(0, 20_000).map((id) => batchOf(id, 1)));
  for (let from = 0; from < 20_000; from += 5000) {
    assertEquals(idsOf(buffer.take(5000)), upTo(from, from + 5000));
  }
  assertEquals([buffer.count, buffer.bytes], [0, 0]);
});

Deno.test("TaskBuffer.take() keeps tasks with other limits apart", async () => {
  const limits = { timeout: 5 };
  const buffer = await filled([
    batchOf(0, 2),
    batchOf(2, 2, limits),
    batchOf(4, 1, limits),
    batchOf(5, 1),
  ]);
  const taken = () => idsOf(buffer.take(10));
  assertEquals([taken(), taken(), taken(), taken()], [[0, 1], [2, 3, 4], [5], []]);
});

Deno.test("TaskBuffer.giveBack() puts tasks where they were", async () => {
  const buffer = await filled([batchOf(0, 3), batchOf(3, 3)]);
  const taken = buffer.take(4);
  buffer.giveBack(taken);
  assertEquals([buffer.count, buffer.bytes], [6, 12]);
  assertEquals(idsOf(buffer.take(6)), upTo(0, 6));
});

Deno.test("TaskBuffer counts tasks in progress elsewhere toward its window", async () => {
  const batches = upTo(0, 10).map((id) => batchOf(id, 1));
  const buffer = new TaskBuffer(listOf(batches), { tasks: 5, bytes: 1e9 });
  buffer.read({ tasks: 2, bytes: 0 });
  await until(() => buffer.count === 3, "three tasks");
  buffer.read({ tasks: 2, bytes: 0 });
  assertEquals([buffer.count, buffer.isEnded], [3, false]);
  buffer.read({ tasks: 0, bytes: 0 });
  await until(() => buffer.count === 5, "five tasks");
  await buffer.close();
  assert(buffer.isEnded);
});

Deno.test("TaskBuffer keeps what was read before a list fails", async () => {
  const reason = new Error("torn");
  async function* torn(): AsyncGenerator<TaskBatch> {
    yield batchOf(0, 2);
    throw reason;
  }
  const buffer = new TaskBuffer(torn(), { tasks: 9, bytes: 99 });
  buffer.read({ tasks: 0, bytes: 0 });
  await until(() => buffer.isEnded, "the end of the list");
  assertEquals([buffer.count, buffer.failure], [2, { reason }]);
});
