import { TaskStats } from "../../../../lib/job/report/task_stats.ts";
import { blockHead, successLine } from "../../../../lib/journal/format.ts";
import { assert, assertAlmostEquals, assertEquals } from "../../../support/assert.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const failure = (id: number, message: string, ms = 1) => ({
  attempt: 1,
  type: "failed" as const,
  id,
  ms,
  error: { message, type: "Error", class: "error" } as const,
});

Deno.test("TaskStats has no times before a task has ended", () => {
  const { times, errors } = new TaskStats();
  assertEquals({ times, errors }, { times: undefined, errors: [] });
});

Deno.test("TaskStats estimates the durations of tasks to about 5 %", () => {
  const stats = new TaskStats();
  const lines = Array.from({ length: 1000 }, (_, i) => successLine(i, 1 + i % 2, i + 1, `"${i}"`));
  stats.add(encode(lines.map((line) => line + "\n").join("")));
  const { median, p95, longest } = stats.times!;
  assertAlmostEquals(median, 500, 30);
  assertAlmostEquals(p95, 950, 50);
  assertEquals(longest, 1000);
});

Deno.test("TaskStats includes the tasks of result blocks, and failures", () => {
  const stats = new TaskStats();
  stats.add(encode(blockHead({ id: 0, count: 8, bytes: 16, ms: 4 }) + "1\n".repeat(8)));
  stats.add(encode(successLine(8, 1, 0, '{"ms":9}') + "\n"));
  stats.fail(failure(9, "no tile", 2000));
  const { median, longest } = stats.times!;
  assert(median >= 0.5 && median < 0.55, String(median));
  assertEquals(longest, 2000);
});

Deno.test("TaskStats counts errors that differ in numbers only as one kind", () => {
  const stats = new TaskStats();
  for (let id = 0; id < 4; id++) stats.fail(failure(id, `no tile ${id}`));
  stats.fail(failure(4, "out of memory"));
  for (let id = 5; id < 7; id++) stats.fail(failure(id, "timeout"));
  stats.fail(failure(8, "seen once"));
  assertEquals(stats.errors, [
    { message: "no tile 0", count: 4, task: 0 },
    { message: "timeout", count: 2, task: 5 },
    { message: "out of memory", count: 1, task: 4 },
  ]);
});

Deno.test("TaskStats keeps a limited number of kinds of errors", () => {
  const stats = new TaskStats();
  for (let id = 0; id < 5000; id++) {
    const word = [...String(id)].map((digit) => "abcdefghij"[Number(digit)]).join("");
    stats.fail(failure(id, word));
    stats.fail(failure(id, "the usual"));
  }
  assertEquals(stats.errors[0], { message: "the usual", count: 5000, task: 0 });
});
