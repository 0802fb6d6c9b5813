import { RateCounter } from "../../../lib/web/rate.ts";
import { assert, assertEquals, assertLess } from "../../support/assert.ts";
import { span } from "./journal_lines.ts";

Deno.test("RateCounter keeps every task while its parts become longer", () => {
  const rate = new RateCounter();
  for (let i = 0; i < 10_000; i++) rate.add(span("0", i * 1000, i * 1000 + 700, i, 1 + i % 3));
  const { step, counts } = rate.snapshot();
  assertLess(counts.length, 81);
  assert(step * counts.length >= 10_000_000);
  const sum = counts.reduce((sum, count) => sum + count, 0);
  assertLess(Math.abs(sum - 19_999), 10);
});

Deno.test("RateCounter begins with the earliest span, which may come last", () => {
  const rate = new RateCounter();
  rate.add(span("1", 3000, 3400, 1, 4));
  rate.add(span("0", 1005, 3400, 0));
  const { from, step, counts } = rate.snapshot();
  assert(from <= 1005 && from > 1005 - step, `it begins at ${from}`);
  assertLess(counts.length, 81);
  assertEquals(counts.reduce((sum, count) => sum + count, 0), 5);
  assertEquals(counts.slice(0, Math.floor((3000 - from) / step)).every((one) => one === 0), true);
});

Deno.test("RateCounter needs few parts for a span that began a year before the others", () => {
  const rate = new RateCounter(), year = 365 * 86_400_000;
  for (let i = 0; i < 100; i++) rate.add(span("1", year + i * 10, year + i * 10 + 9, i));
  rate.add(span("0", 0, year + 1000, 100));
  const { from, step, counts } = rate.snapshot();
  assert(from <= 0 && from > -step, `it begins at ${from}`);
  assertLess(counts.length, 81);
  assertEquals(counts.reduce((sum, count) => sum + count, 0), 101);
});
