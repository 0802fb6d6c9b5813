import { binOf } from "../../../lib/web/protocol.ts";
import { TimeHistogram } from "../../../lib/web/time_histogram.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("TimeHistogram counts every attempt, and keeps the slowest tasks once each", () => {
  const times = new TimeHistogram();
  times.add(0.25, 3);
  for (let id = 0; id < 20; id++) times.addTask(id, id);
  times.addTask(3, 100);
  times.addTask(19, 30);
  const counts = times.bins();
  assertEquals(counts.reduce((sum, count) => sum + count, 0), 25);
  assertEquals([counts[binOf(0.25)], counts[binOf(100)]], [3, 1]);
  assertEquals(times.slowest.map(({ id, ms }) => `${id}: ${ms}`), [
    ...["3: 100", "19: 30", "18: 18", "17: 17", "16: 16"],
    ...["15: 15", "14: 14", "13: 13", "12: 12", "11: 11"],
  ]);
});

Deno.test("TimeHistogram keeps no task below the resolution of the clock", () => {
  const times = new TimeHistogram();
  times.addTask(0, 0.9);
  times.addTask(1, 1);
  assertEquals(times.slowest, [{ id: 1, ms: 1 }]);
});
