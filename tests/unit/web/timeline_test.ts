import { TimelineKeeper } from "../../../lib/web/timeline.ts";
import { assertEquals, assertLess } from "../../support/assert.ts";
import { span } from "./journal_lines.ts";

Deno.test("TimelineKeeper joins many spans, and loses no task", () => {
  const keeper = new TimelineKeeper();
  for (let i = 0; i < 100_000; i++) {
    keeper.add({
      ...span(`${i % 10}`, i * 10, i * 10 + 90, i, 2),
      ...i % 100 === 0 ? { failed: 1 } : {},
    });
  }
  const { workers, spans } = keeper.snapshot();
  assertEquals(workers, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  assertLess(spans.length, 3001);
  const sum = (at: 3 | 5 | 6) => spans.reduce((sum, span) => sum + span[at], 0);
  assertEquals([sum(3), sum(5), sum(6)], [9_000_000, 200_000, 1000]);
});

Deno.test("TimelineKeeper counts the workers that it leaves out", () => {
  const keeper = new TimelineKeeper();
  for (let i = 0; i < 500; i++) keeper.add(span(`n-${i % 250}`, i, i + 1, i));
  const { workers, more } = keeper.snapshot();
  assertEquals([workers.length, more, workers[9]], [200, 50, "n-9"]);
});
