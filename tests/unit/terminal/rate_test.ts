import { Rate } from "../../../lib/terminal/rate.ts";
import {
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
} from "../../support/assert.ts";

/** Returns the rate after some seconds, with these counts. */
function after(counts: readonly number[]): Rate {
  const rate = new Rate(0, 0);
  let sum = 0;
  for (const [i, count] of counts.entries()) rate.add(sum += count, (i + 1) * 1000);
  return rate;
}

const repeat = (count: number, times: number) => new Array<number>(times).fill(count);

Deno.test("Rate is exact where the rate is constant", () => {
  assertEquals(new Rate(5, 0).perMs, 0);
  for (const each of [1, 100, 1e6]) {
    assertAlmostEquals(after(repeat(each, 60)).perMs * 1000, each, each / 1e6);
  }
});

Deno.test("Rate follows a change within seconds, and not at once", () => {
  const slower = [...repeat(1000, 60), ...repeat(100, 3)];
  assertGreater(after(slower).perMs * 1000, 500);
  assertLess(after([...slower, ...repeat(100, 60)]).perMs * 1000, 110);
});

Deno.test("Rate keeps the last tasks however long they take", () => {
  // One event in ten minutes.
  const hours = Array.from({ length: 18 }, () => [...repeat(0, 599), 1]).flat();
  assertAlmostEquals(after(hours).perMs * 600_000, 1, 0.01);
});

Deno.test("Rate falls after the last event", () => {
  const one = after([...repeat(10, 10), ...repeat(0, 100)]);
  assertLess(one.perMs * 1000, 2);
});

Deno.test("Rate counts from its start, and accepts a clock that is set back", () => {
  const rate = new Rate(1000, 50_000);
  rate.add(1010, 51_000);
  rate.add(1020, 20_000);
  rate.add(1020, 21_000);
  assertEquals(rate.perMs, 0.01);
});
