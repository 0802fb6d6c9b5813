import { PollInterval } from "../../../../lib/engines/batch/poll_interval.ts";
import { assert, assertEquals } from "../../../support/assert.ts";

/** Returns the waits after some polls, in seconds. */
function waitsOf(interval: PollInterval, changes: readonly boolean[]): number[] {
  return changes.map((hasChanged) => {
    interval.begin();
    interval.asked(hasChanged);
    return Math.round(interval.waitMs / 1000);
  });
}

const SIX = [false, false, false, false, false, false];

Deno.test("PollInterval grows while nothing changes, and shrinks when something may change", () => {
  const interval = new PollInterval({ leastMs: 16_000, mostMs: 60_000, growth: 1.5 });
  assertEquals(interval.waitMs, 0);
  assertEquals(waitsOf(interval, SIX), [24, 36, 54, 60, 60, 60]);
  interval.soon();
  assert(interval.waitMs <= 16_000, `${interval.waitMs}`);
  assertEquals(waitsOf(interval, [false, false, true]), [24, 36, 16]);
});

Deno.test("PollInterval shrinks step by step when `shrinks` is set", () => {
  const interval = new PollInterval({ leastMs: 1000, mostMs: 64_000, growth: 2, shrinks: true });
  assertEquals(waitsOf(interval, SIX), [2, 4, 8, 16, 32, 64]);
  assertEquals(waitsOf(interval, SIX.map(() => true)), [32, 16, 8, 4, 2, 1]);
});

Deno.test("PollInterval.soon() never postpones a poll", () => {
  const interval = new PollInterval({ leastMs: 5000, mostMs: 60_000, growth: 2 });
  interval.soon();
  assertEquals(interval.waitMs, 0);
});

Deno.test("PollInterval.soon() holds for the poll after one that has no answer yet", () => {
  const interval = new PollInterval({ leastMs: 5000, mostMs: 60_000, growth: 2 });
  assertEquals(waitsOf(interval, [false, false, false]), [10, 20, 40]);
  interval.begin();
  interval.soon();
  interval.asked(false);
  assert(interval.waitMs <= 5000, `${interval.waitMs}`);
  assertEquals(waitsOf(interval, [false]), [10]);
});
