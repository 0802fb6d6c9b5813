import type { Span } from "../../../lib/journal/format.ts";
import { RateCounter } from "../../../lib/web/rate.ts";
import { assert, assertLess } from "../../support/assert.ts";

function span(worker: string, from: number, to: number, id: number, count = 1): Span {
  return { worker, from, to, id, count };
}

Deno.test("RateCounter keeps every task while its parts become longer", () => {
  const rate = new RateCounter();
  for (let i = 0; i < 10_000; i++) rate.add(span("0", i * 1000, i * 1000 + 700, i, 1 + i % 3));
  const { step, counts } = rate.snapshot();
  assertLess(counts.length, 81);
  assert(step * counts.length >= 10_000_000);
  const sum = counts.reduce((sum, count) => sum + count, 0);
  assertLess(Math.abs(sum - 19_999), 10);
});
