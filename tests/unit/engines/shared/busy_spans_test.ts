import { onlySpan, SpanWriter } from "../../../../lib/engines/shared/busy_spans.ts";
import { NO_EVENTS } from "../../../../lib/journal/format.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("SpanWriter joins short tasks to spans of 100 ms", () => {
  let now = 1000;
  const spans = new SpanWriter("3", () => now);
  assertEquals(spans.begin(), undefined);
  now = 1040;
  assertEquals(spans.add(7, 2, 0), undefined);
  now = 1100;
  const first = { worker: "3", from: 1000, to: 1100, id: 7, count: 5 };
  assertEquals(spans.add(9, 3, 0), first);
  now = 1110;
  assertEquals(spans.add(12, 1, 1), undefined);
  assertEquals(spans.end(), { worker: "3", from: 1100, to: 1110, id: 12, count: 1, failed: 1 });
  assertEquals(spans.end(), undefined);
});

Deno.test("SpanWriter leaves idle time out of the spans", () => {
  let now = 0;
  const spans = new SpanWriter("0", () => now);
  spans.begin();
  now = 20;
  spans.add(0, 1, 0);
  now = 500;
  assertEquals(spans.begin(), { worker: "0", from: 0, to: 20, id: 0, count: 1 });
  now = 530;
  spans.add(1, 1, 0);
  assertEquals(spans.end(), { worker: "0", from: 500, to: 530, id: 1, count: 1 });
});

Deno.test("SpanWriter adds the time of setup to the first span of a worker", () => {
  let now = 0;
  const spans = new SpanWriter("0", () => now);
  spans.addSetup(40);
  assertEquals(spans.begin(), undefined);
  now = 20;
  spans.add(0, 1, 0);
  assertEquals(spans.end(), { worker: "0", from: 0, to: 20, id: 0, count: 1, setupMs: 40 });
  spans.add(1, 1, 0);
  assertEquals(spans.end(), { worker: "0", from: 20, to: 20, id: 1, count: 1 });
});

Deno.test("onlySpan() wraps a span in a batch without events", () => {
  const span = { worker: "0", from: 0, to: 1, id: 0, count: 1 };
  assertEquals(onlySpan(span), [{ ...NO_EVENTS, span }]);
  assertEquals(onlySpan(undefined), []);
});

Deno.test("SpanWriter leaves the start of a worker out of its first span", () => {
  let now = 0;
  const spans = new SpanWriter("0", () => now);
  spans.begin();
  now = 300;
  spans.addSetup(0);
  now = 320;
  spans.add(0, 1, 0);
  assertEquals(spans.end(), { worker: "0", from: 300, to: 320, id: 0, count: 1 });
});
