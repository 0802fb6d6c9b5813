import { type Limits, TaskBatch } from "../../../../lib/tasks/batch.ts";
import {
  countTasks,
  cutSlices,
  readSlice,
  taskLines,
  taskRanges,
} from "../../../../lib/engines/shared/task_ranges.ts";
import type { TaskRange } from "../../../../lib/tasks/task_range.ts";
import { concatBytes } from "../../../../lib/util/bytes/bytes.ts";
import { randomBelow, randomOf } from "../../../../tools/support/random.ts";
import { assert, assertEquals } from "../../../support/assert.ts";

/** A batch of tasks whose arguments have these lengths, with their newlines. */
function batchOf(
  lengths: readonly number[],
  ids: number | readonly number[] = 0,
  options: { attempt?: number; limits?: Limits } = {},
): TaskBatch {
  const text = lengths.map((length) => `${"7".repeat(length - 1)}\n`).join("");
  const all = typeof ids === "number" ? ids : Uint32Array.from(ids);
  return TaskBatch.of(new TextEncoder().encode(text), lengths.length, all, options);
}

const idsOf = (batch: TaskBatch) => Array.from(batch, ({ id }) => id);
const slicesOf = (slices: readonly TaskBatch[][]) => slices.map((slice) => slice.map(idsOf));

Deno.test("cutSlices() cuts by the number of tasks and by the length of their arguments", async (t) => {
  const cases: [
    name: string,
    batches: TaskBatch[],
    size: { tasks: number; bytes?: number },
    expected: number[][][],
  ][] = [
    ["nothing", [], { tasks: 3 }, []],
    ["no task", [batchOf([])], { tasks: 3 }, []],
    ["less than one slice", [batchOf([2, 2])], { tasks: 3 }, [[[0, 1]]]],
    ["exactly one", [batchOf([2, 2, 2])], { tasks: 3 }, [[[0, 1, 2]]]],
    ["two batches in one", [batchOf([2]), batchOf([2, 2], 1)], { tasks: 3 }, [[[0, 1, 2]]]],
    ["one too many", [batchOf([2, 2]), batchOf([2, 2], 2)], { tasks: 3 }, [[[0, 1, 2]], [[3]]]],
    ["exactly the limit of bytes", [batchOf([2, 3, 4, 1])], { tasks: 9, bytes: 5 }, [[[0, 1]], [[
      2,
      3,
    ]]]],
    ["a byte too many", [batchOf([2, 4])], { tasks: 9, bytes: 5 }, [[[0]], [[1]]]],
    [
      "a long one is alone",
      [batchOf([2, 50, 2, 2])],
      { tasks: 9, bytes: 5 },
      [[[0]], [[1]], [[2, 3]]],
    ],
    [
      "a long one is alone at the end of a batch, too",
      [batchOf([2, 50]), batchOf([50], 2), batchOf([2], 3)],
      { tasks: 9, bytes: 5 },
      [[[0]], [[1]], [[2]], [[3]]],
    ],
    ["both", [batchOf([2, 2, 2, 9])], { tasks: 2, bytes: 10 }, [[[0, 1]], [[2]], [[3]]]],
    [
      "ids that do not follow each other",
      [batchOf([2, 2, 2], [9, 4, 5])],
      { tasks: 2 },
      [[[9, 4]], [[5]]],
    ],
    [
      "attempts stay apart",
      [batchOf([2], 0), batchOf([2, 2], 1, { attempt: 2 })],
      { tasks: 9 },
      [[[0], [1, 2]]],
    ],
  ];
  for (const [name, batches, size, expected] of cases) {
    await t.step(name, () => assertEquals(slicesOf(cutSlices(batches, size)), expected));
  }
});

Deno.test("cutSlices() keeps the attempt and the limits of each task", () => {
  const limits = { timeout: 5 };
  const batches = [batchOf([2, 2], 0), batchOf([2, 2], 2, { attempt: 3, limits })];
  const seen = cutSlices(batches, { tasks: 3 }).map((slice) =>
    slice.map((batch) => [idsOf(batch), batch.attempt, batch.limits])
  );
  assertEquals(seen, [[[[0, 1], 1, undefined], [[2], 3, limits]], [[[3], 3, limits]]]);
});

/** Returns the same pseudo-random numbers in each run. */
function seeded(seed: number): (below: number) => number {
  const random = randomOf(seed);
  return (below) => randomBelow(random, below);
}

function randomBatches(random: (below: number) => number): TaskBatch[] {
  let id = 0;
  const limits = [undefined, { timeout: 1 }, { timeout: 2 }];
  return Array.from({ length: random(8) }, () => {
    const lengths = Array.from({ length: random(12) }, () => 2 + random(random(5) ? 9 : 60));
    const ids = lengths.map(() => id += 1 + (random(4) ? 0 : 3));
    const own = limits[random(3)];
    return batchOf(lengths, ids, { attempt: 1 + random(2), ...own ? { limits: own } : {} });
  });
}

function tasksOf(batches: readonly TaskBatch[]): unknown[] {
  return batches.flatMap((batch) =>
    Array.from(batch, ({ args, ...task }) => ({ ...task, length: args.length }))
  );
}

Deno.test("cutSlices() loses nothing, keeps the order, and fills each slice", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seeded(seed), batches = randomBatches(random);
    const size = { tasks: 1 + random(9), bytes: 5 + random(60) };
    const slices = cutSlices(batches, size), where = `seed ${seed}`;
    assertEquals(tasksOf(slices.flat()), tasksOf(batches), where);
    const sizes = slices.map((slice) => ({
      tasks: slice.reduce((sum, { count }) => sum + count, 0),
      bytes: slice.reduce((sum, { bytes }) => sum + bytes.length, 0),
      first: slice[0]!.slice(0, 1).bytes.length,
    }));
    for (const [i, { tasks, bytes }] of sizes.entries()) {
      assert(tasks === 1 || (tasks <= size.tasks && bytes <= size.bytes), where);
      const next = sizes[i + 1];
      const hasRoom = next && tasks < size.tasks && bytes + next.first <= size.bytes;
      assert(!hasRoom, `${where}: the next task had room in slice ${i}`);
    }
  }
});

/** Returns a batch, with a checkpoint when it has one task. */
function withCheckpoint(batch: TaskBatch): TaskBatch {
  if (batch.count !== 1) return batch;
  const { bytes, attempt, limits } = batch,
    checkpoint = new TextEncoder().encode(`[${batch.id(0)}]`);
  return TaskBatch.of(bytes, 1, batch.id(0), { attempt, limits, checkpoint });
}

/** Lines that come in pieces of any length. */
function streamOf(
  bytes: Uint8Array,
  piece: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const pieces = Array.from(
    { length: Math.ceil(bytes.length / piece) },
    (_, i) => new Uint8Array(bytes.subarray(i * piece, (i + 1) * piece)),
  );
  return ReadableStream.from(pieces);
}

Deno.test("taskRanges() returns the ranges of the tasks in a batch", async (t) => {
  const cases: [name: string, batch: TaskBatch, ranges: TaskRange[]][] = [
    ["none", batchOf([]), []],
    ["those that follow each other", batchOf([2, 2, 2], 7), [[7, 3, 1]]],
    ["any ids", batchOf([2, 2, 2, 2], [7, 8, 3, 4], { attempt: 2 }), [[7, 2, 2], [3, 2, 2]]],
    ["a part", batchOf([2, 2, 2], 7).slice(1, 2), [[8, 1, 1]]],
    ["a checkpoint", withCheckpoint(batchOf([2], 7, { attempt: 2 })), [[7, 1, 2, 1]]],
  ];
  for (const [name, batch, ranges] of cases) {
    await t.step(name, () => {
      assertEquals(taskRanges(batch), ranges);
      assertEquals(countTasks(ranges), batch.count);
    });
  }
});

Deno.test("readSlice() yields the tasks of the ranges again, except those that are done", async () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = seeded(seed);
    const batches = randomBatches(random).map((batch) => withCheckpoint(batch.withLimits({})));
    const bytes = concatBytes(batches.flatMap(taskLines));
    const done = new Set(batches.flatMap(idsOf).filter(() => random(3) === 0));
    const found: unknown[] = [];
    const lines = streamOf(bytes, 1 + random(20));
    for await (
      const batch of readSlice(lines, batches.flatMap(taskRanges), (id) => done.has(id))
    ) {
      found.push(...tasksOf([batch.withLimits({})]));
    }
    const expected = tasksOf(batches).filter((task) => !done.has((task as { id: number }).id));
    assertEquals(found, expected, `seed ${seed}`);
  }
});
