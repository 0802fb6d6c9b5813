/**
 * Tests of lib/util/time/backoff.ts.
 *
 * @module
 */

import { assertEquals } from "../../../support/assert.ts";
import { Backoff, backoffMs } from "../../../../lib/util/time/backoff.ts";

const OPTIONS = { firstMs: 100, maxMs: 1000 };

Deno.test("backoffMs() doubles from the first wait to the longest", () => {
  assertEquals([1, 2, 3, 4, 5, 60].map((tries) => backoffMs(tries, OPTIONS)), [
    100,
    200,
    400,
    800,
    1000,
    1000,
  ]);
});

Deno.test("backoffMs() is 0 where the first wait is 0", () => {
  assertEquals(backoffMs(2000, { firstMs: 0, maxMs: 1000, factor: 1.5 }), 0);
});

Deno.test("Backoff grows by its factor, and starts again after reset()", () => {
  const backoff = new Backoff({ ...OPTIONS, factor: 3 });
  const waits = Array.from({ length: 4 }, () => backoff.next());
  assertEquals(waits, [100, 300, 900, 1000]);
  backoff.reset();
  assertEquals([backoff.next(), backoff.next()], [100, 300]);
});

Deno.test("Backoff.shorten() never goes below the first wait", () => {
  const backoff = new Backoff(OPTIONS);
  assertEquals(backoff.shorten(), 100);
  for (let i = 0; i < 3; i++) backoff.next();
  assertEquals([backoff.shorten(), backoff.shorten(), backoff.shorten(), backoff.shorten()], [
    400,
    200,
    100,
    100,
  ]);
  assertEquals(backoff.next(), 200);
});
