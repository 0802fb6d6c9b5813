/**
 * Tests of lib/util/time/delay.ts.
 *
 * @module
 */

import { assert, assertEquals } from "../../../support/assert.ts";
import { delay } from "../../../../lib/util/time/delay.ts";

Deno.test("delay() waits for its time", async () => {
  const before = performance.now();
  await delay(20);
  assert(performance.now() - before >= 19);
});

Deno.test("delay() returns when one of its signals is aborted, before or during the wait", async () => {
  const one = new AbortController(), other = new AbortController();
  const order: string[] = [];
  const waiting = delay(60_000, [one.signal, other.signal]).then(() => order.push("waited"));
  order.push("aborts");
  other.abort();
  await waiting;
  await delay(60_000, [one.signal, other.signal]);
  assertEquals(order, ["aborts", "waited"]);
});

Deno.test("delay() returns when a promise resolves", async () => {
  const began = performance.now();
  await delay(3_600_000, [], Promise.resolve());
  assert(performance.now() - began < 10_000);
});
