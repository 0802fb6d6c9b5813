import { parseRate, RateBucket } from "../../../lib/tasks/rates.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

/** Begins tasks as early as the bucket allows. Returns the time from the first to the last. */
function timeOf(bucket: RateBucket, count: number, begin: number): number {
  let now = begin;
  for (let i = 0; i < count; i++) {
    now += bucket.waitMs(now);
    bucket.begin(now);
  }
  return now - begin;
}

Deno.test("RateBucket slows down by a step at each limit, and climbs it again", () => {
  const bucket = new RateBucket({ everyMs: 100, burst: 1 });
  bucket.begin(0);
  assertEquals(bucket.waitMs(0), 100);
  bucket.block(0, 1000);
  assertEquals(bucket.waitMs(0), 1000);
  bucket.begin(1000);
  assertEquals(bucket.waitMs(1000), 102);
  // Half a step on average, until the step is climbed.
  assertEquals(Math.round(timeOf(bucket, 1000, 1102)), 100_899);
  assertEquals(Math.round(timeOf(bucket, 11, 1e6)), 1000);
});

Deno.test("RateBucket counts limits that come together as one, and has a slowest rate", () => {
  const bucket = new RateBucket({ everyMs: 100, burst: 1 });
  for (let i = 0; i < 5; i++) bucket.block(0, 1000);
  bucket.begin(1000);
  assertEquals(bucket.waitMs(1000), 102);
  for (let now = 2000; now < 1e6; now += 2000) bucket.block(now, 1);
  bucket.begin(2e6);
  assertEquals(bucket.waitMs(2e6), 124);
});

Deno.test("parseRate() reads how many tasks begin in a time, and how many run at a time", () => {
  const rates = ["2 at a time", "10/s 2 at a time", "3 AT A TIME 600/m burst 5"].map(parseRate);
  assertEquals(rates, [
    { everyMs: 0, burst: 1, atATime: 2 },
    { everyMs: 100, burst: 1, atATime: 2 },
    { everyMs: 100, burst: 5, atATime: 3 },
  ]);
  for (const text of ["0 at a time", "1.5 at a time", "at a time", "x 2 at a time", "2 at once"]) {
    assertThrows(() => parseRate(text), UsageError, "2 at a time");
  }
});
