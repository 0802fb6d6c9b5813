import { SliceEstimate } from "../../../../lib/engines/batch/slice_estimate.ts";
import { assertEquals } from "../../../support/assert.ts";

const LIMITS = { ms: 60_000, bytes: 1000 };

Deno.test("SliceEstimate knows nothing before a task has ended", () => {
  const estimate = new SliceEstimate();
  assertEquals([estimate.isKnown, estimate.least(1), estimate.most(1, LIMITS)], [
    false,
    0,
    Infinity,
  ]);
});

Deno.test("SliceEstimate.least() keeps the workers of a part busy for five seconds", () => {
  const estimate = new SliceEstimate();
  estimate.add(2, 300);
  estimate.add(2, 100);
  assertEquals([estimate.isKnown, estimate.least(1), estimate.least(3)], [true, 50, 150]);
  estimate.add(2, 60_000);
  assertEquals(estimate.least(1), 0, "a task is longer than that");
});

Deno.test("SliceEstimate.least() is finite for tasks that took no measurable time", () => {
  const estimate = new SliceEstimate();
  estimate.add(10, 0);
  assertEquals(estimate.least(1), 50_000);
});

Deno.test("SliceEstimate.most() stays within the time and the size of a part", () => {
  const estimate = new SliceEstimate();
  estimate.add(4, 400, 40);
  assertEquals([estimate.most(1, LIMITS), estimate.most(2, LIMITS)], [100, 100], "by size");
  estimate.add(4, 7600, 40);
  assertEquals([estimate.most(1, LIMITS), estimate.most(2, LIMITS)], [60, 100], "by time");
});
