import { joinTasks, type Limits, type Task, TaskBatch } from "../../../lib/tasks/batch.ts";
import { randomOf } from "../../../tools/support/random.ts";
import { assertEquals, assertStrictEquals } from "../../support/assert.ts";

const encoder = new TextEncoder(), decoder = new TextDecoder();

function newTask(
  id: number,
  attempt: number,
  text: string,
  limits?: Limits,
  checkpoint?: Uint8Array,
): Task {
  return { id, attempt, args: encoder.encode(text), limits, checkpoint };
}

/** A batch of lines, with the ids that they have. */
function batchOf(lines: readonly string[], ids: number | readonly number[]): TaskBatch {
  const bytes = encoder.encode(lines.map((line) => line + "\n").join(""));
  return TaskBatch.of(bytes, lines.length, typeof ids === "number" ? ids : Uint32Array.from(ids));
}

function linesOf(batch: TaskBatch): string[] {
  return Array.from(batch, ({ args }) => decoder.decode(args));
}

const LINES = ['"a"', '{"b":"ü"}', "", "[]", "3"];
const KINDS: readonly (readonly [name: string, ids: number | number[], all: number[]])[] = [
  ["a row", 7, [7, 8, 9, 10, 11]],
  ["single ids", [9, 3, 4, 4294967295, 0], [9, 3, 4, 4294967295, 0]],
];

Deno.test("TaskBatch returns its tasks, whole and in slices", async (t) => {
  for (const [name, ids, all] of KINDS) {
    for (const [from, to] of [[0, 5], [0, 1], [1, 3], [2, 3], [4, 5], [2, 2], [5, 5]] as const) {
      await t.step(`${name}, ${from} to ${to}`, () => {
        const batch = batchOf(LINES, ids), slice = batch.slice(from, to);
        const lines = LINES.slice(from, to);
        assertEquals(slice.count, to - from);
        assertEquals(decoder.decode(slice.bytes), lines.map((line) => line + "\n").join(""));
        assertStrictEquals(slice.bytes.buffer, batch.bytes.buffer);
        assertEquals(linesOf(slice), lines);
        assertEquals(Array.from(slice, ({ id }) => id), all.slice(from, to));
        for (const [index, id] of all.entries()) {
          const isIn = index >= from && index < to;
          assertEquals(slice.indexOf(id), isIn ? index - from : -1, `the place of ${id}`);
        }
        assertEquals([slice.indexOf(6), slice.indexOf(12)], [-1, -1]);
      });
    }
    await t.step(`${name}, a slice of a slice`, () => {
      const slice = batchOf(LINES, ids).slice(1, 5).slice(1, 3);
      assertEquals(linesOf(slice), LINES.slice(2, 4));
      assertEquals(Array.from(slice, ({ id }) => id), all.slice(2, 4));
    });
  }
});

Deno.test("TaskBatch.rowEnd() returns the end of tasks that follow each other in the list", () => {
  assertEquals([0, 3].map((from) => batchOf(LINES, 7).rowEnd(from)), [5, 5]);
  const scattered = batchOf(LINES, [5, 9, 10, 7, 8]);
  assertEquals([0, 1, 2, 3, 4].map((from) => scattered.rowEnd(from)), [1, 3, 3, 5, 5]);
});

Deno.test("TaskBatch keeps attempt, limits and checkpoint in its slices", () => {
  const limits = { timeout: 5 };
  const checkpoint = encoder.encode("7"), options = { attempt: 3, limits, checkpoint };
  const batch = TaskBatch.of(encoder.encode("1\n2\n"), 2, 0, options);
  assertEquals(batch.slice(1).task(0), newTask(1, 3, "2", limits, checkpoint));
  const other = batch.withLimits({ memory: 1 });
  assertEquals(other.task(0), newTask(0, 3, "1", { memory: 1 }, checkpoint));
});

Deno.test("joinTasks() joins tasks with one attempt and limits, in their order", () => {
  const limits = { timeout: 10 };
  const tasks = [
    newTask(7, 2, '"ü"'),
    newTask(3, 2, `"${"x".repeat(200_000)}"`),
    newTask(4294967295, 1, "1"),
    newTask(4, 1, "{oops", limits),
    newTask(5, 1, "2", limits),
    newTask(6, 1, "3", { timeout: 10 }),
    newTask(8, 1, "4", undefined, encoder.encode("[1]")),
    newTask(9, 1, "5", undefined, encoder.encode("[1]")),
  ];
  const batches = joinTasks(tasks);
  assertEquals(batches.map(({ count }) => count), [2, 1, 2, 1, 1, 1]);
  assertEquals(batches.flatMap((batch) => [...batch]), tasks);
  assertEquals(joinTasks([]), []);
});

Deno.test("TaskBatch finds lines in any order, also after it was cut", () => {
  const random = randomOf(3), below = (most: number) => Math.floor(random() * most);
  const lines = Array.from({ length: 3000 }, (_, id) => `${id}`.padEnd(below(40), "x"));
  for (let round = 0; round < 20; round++) {
    const batch = batchOf(lines, 0);
    for (let step = 0; step < 30; step++) {
      const from = below(3000), to = from + below(3000 - from), slice = batch.slice(from, to);
      const text = lines.slice(from, to).map((line) => line + "\n").join("");
      assertEquals(decoder.decode(slice.bytes), text);
      if (round % 2 === 0) assertEquals(decoder.decode(batch.task(from).args), lines[from]);
    }
  }
});
