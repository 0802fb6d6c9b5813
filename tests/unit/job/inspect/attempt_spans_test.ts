/**
 * The spans of workers in a period.
 *
 * @module
 */

import { spansWithin } from "../../../../lib/job/inspect/attempt_spans.ts";
import type { Span } from "../../../../lib/journal/format.ts";
import { assertEquals } from "../../../support/assert.ts";

const span = (from: number, to: number): Span => ({ worker: "0", from, to, id: 1, count: 1 });

Deno.test("spansWithin() finds the spans that began and ended in a period", () => {
  const spans = [span(1, 2), span(3, 9), span(4, 5), span(6, 7), span(6, 6), span(8, 12)];
  const found = (first: number, last: number) =>
    Array.from(spansWithin(spans, first, last), ({ from, to }) => `${from}-${to}`).join(" ");
  assertEquals(
    [found(0, 2), found(3, 7), found(3, 9), found(6, Infinity), found(9, 20), found(7, 6)],
    ["1-2", "4-5 6-7 6-6", "3-9 4-5 6-7 6-6", "6-7 6-6 8-12", "", ""],
  );
});

Deno.test("spansWithin() looks at few of the spans of a task with many attempts", () => {
  const most = 10_000;
  let reads = 0;
  const spans = new Proxy(Array.from({ length: most }, (_, i) => span(2 * i, 2 * i + 1)), {
    get(all, key) {
      reads += typeof key === "string" && /^\d+$/.test(key) ? 1 : 0;
      return Reflect.get(all, key);
    },
  });
  for (let i = 0; i < most; i++) {
    assertEquals(Array.from(spansWithin(spans, 2 * i, 2 * i + 1)).length, 1);
  }
  assertEquals(reads < 30 * most, true, `${reads} reads`);
});
