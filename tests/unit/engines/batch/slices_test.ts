import type { BackendLimits } from "../../../../lib/engines/batch/backend.ts";
import { SliceQueue } from "../../../../lib/engines/batch/slices.ts";
import { TaskBuffer } from "../../../../lib/engines/batch/task_buffer.ts";
import { TaskBatch } from "../../../../lib/tasks/batch.ts";
import { assertEquals } from "../../../support/assert.ts";
import { until } from "../../../../tools/support/until.ts";

const NONE = { tasks: 0, bytes: 0 };

interface Options {
  readonly limits?: Partial<BackendLimits["submission"]>;
  readonly sliceBytes?: number;
  readonly chunk?: number;
}

/** Returns a queue of tasks with two bytes each, and a backend that wants three slices. */
async function queueOf(count: number, { limits, sliceBytes, chunk }: Options = {}) {
  async function* list() {
    yield TaskBatch.of(new TextEncoder().encode("1\n".repeat(count)), count, 0);
  }
  const window = { tasks: 1000, bytes: 10_000 };
  const buffer = new TaskBuffer(list(), window);
  buffer.read(NONE);
  await until(() => buffer.isEnded, "the end of the list");
  const submission = { tasks: 100, bytes: 1000, slices: 10, ...limits };
  const backend = {
    limits: sliceBytes ? { window, submission, sliceBytes } : { window, submission },
    sliceTasks: (tasks: number, slices: number) => Math.ceil(tasks / Math.min(3, slices)),
  };
  return new SliceQueue(buffer, backend, chunk);
}

const sizesOf = (slices: readonly TaskBatch[][]) =>
  slices.map((slice) => slice.reduce((sum, { count }) => sum + count, 0));

Deno.test("SliceQueue.cut() cuts tasks by the size that the backend, the user or a limit sets", async (t) => {
  const cases: [name: string, count: number, options: Options, sizes: number[], left: number][] = [
    ["the backend", 10, {}, [4, 4, 2], 0],
    ["the user", 10, { chunk: 6 }, [6, 4], 0],
    ["the bytes of a slice", 10, { sliceBytes: 6 }, [3, 3, 3, 1], 0],
    ["the tasks of a submission", 10, { limits: { tasks: 6 } }, [2, 2, 2], 4],
    ["the slices of a submission", 10, { chunk: 1, limits: { slices: 4 } }, [1, 1, 1, 1], 6],
  ];
  for (const [name, count, options, sizes, left] of cases) {
    await t.step(name, async () => {
      const queue = await queueOf(count, options);
      assertEquals([sizesOf(queue.cut()), queue.buffer.count], [sizes, left]);
    });
  }
});

Deno.test("SliceQueue.cut() returns slices that must run apart first, uncut", async () => {
  const queue = await queueOf(6, { limits: { slices: 3 } });
  const [first = [], second = [], third = []] = queue.cut();
  queue.giveBack([third]);
  queue.addApart([first, second]);
  assertEquals([queue.isFull, queue.isEmpty], [true, false]);
  assertEquals(sizesOf(queue.cut()), [2, 2, 1]);
  assertEquals(sizesOf(queue.cut()), [1]);
  assertEquals(queue.isEmpty, true);
});

Deno.test("SliceQueue.halve() makes the next submissions smaller", async () => {
  const queue = await queueOf(10, { chunk: 1 });
  const slices = queue.cut();
  queue.giveBack(slices);
  queue.halve(slices.length);
  assertEquals(sizesOf(queue.cut()), [1, 1, 1, 1, 1]);
  assertEquals(queue.isFull, true);
});

Deno.test("SliceQueue.giveBack() keeps slices apart that must run apart", async () => {
  const queue = await queueOf(6, { limits: { slices: 3 } });
  const [first = [], second = [], third = []] = queue.cut();
  queue.giveBack([third]);
  queue.addApart([first, second]);
  queue.giveBack(queue.cut());
  assertEquals(queue.buffer.count, 2);
  assertEquals(sizesOf(queue.cut()), [2, 2, 1]);
});

Deno.test("SliceQueue.grow() makes submissions larger that were halved, while they are accepted", async () => {
  const queue = await queueOf(20, { chunk: 1, limits: { slices: 5 } });
  queue.halve(2);
  const sizes = [];
  for (let turn = 0; turn < 5; turn++) {
    const { length } = queue.cut();
    queue.grow(length);
    sizes.push(length);
  }
  assertEquals(sizes, [1, 2, 4, 5, 5]);
});

Deno.test("SliceQueue.isFull is true at the limit of tasks, or of bytes, of a submission", async () => {
  const isFull = async (count: number, options: Options) => (await queueOf(count, options)).isFull;
  assertEquals([
    await isFull(9, { limits: { tasks: 10 } }),
    await isFull(10, { limits: { tasks: 10 } }),
    await isFull(10, { limits: { bytes: 20 } }),
    await isFull(10, { chunk: 2, limits: { slices: 5 } }),
  ], [false, true, true, true]);
});
