import type { Sample } from "../../../lib/web/protocol.ts";
import { ResultSample } from "../../../lib/web/sample.ts";
import { assert, assertEquals, assertLess } from "../../support/assert.ts";

const encoder = new TextEncoder();

Deno.test("ResultSample keeps every n-th of many results", () => {
  const sample = new ResultSample();
  for (let id = 0; id < 1_000_000; id++) {
    if (sample.wants(id)) sample.add(id, encoder.encode(`${id}`));
  }
  const { rows, of }: Sample = JSON.parse(sample.toJson(1_000_000));
  assertEquals([of, rows.length, rows[1]], [1_000_000, 3907, { id: 256, result: 256 }]);
  assert(rows.every(({ id }, i) => id === i * 256));
});

Deno.test("ResultSample keeps results wherever they are in the list", () => {
  const sample = new ResultSample();
  const ids = Array.from({ length: 50_000 }, (_, i) => 4 * i + 3).toReversed();
  for (const id of ids) if (sample.wants(id)) sample.add(id, encoder.encode("1"));
  const { rows }: Sample = JSON.parse(sample.toJson(ids.length));
  assertEquals([rows.length, rows[0], rows[1]?.id], [3125, { id: 3, result: 1 }, 67]);
});

Deno.test("ResultSample replaces the result of a task that ran again", () => {
  const sample = new ResultSample();
  for (const text of ["1", "2"]) if (sample.wants(5)) sample.add(5, encoder.encode(text));
  assertEquals(JSON.parse(sample.toJson(1)).rows, [{ id: 5, result: 2 }]);
});

Deno.test("ResultSample keeps few long results, and replaces one that is too long by its size", () => {
  const sample = new ResultSample(), long = encoder.encode(JSON.stringify("x".repeat(200_000)));
  for (let id = 0; id < 100; id++) if (sample.wants(id)) sample.add(id, long);
  assertLess(sample.toJson(100).length, 4.2 * 1024 * 1024);
  const other = new ResultSample();
  other.add(0, encoder.encode(JSON.stringify("x".repeat(300_000))));
  assertEquals(JSON.parse(other.toJson(1)).rows, [{ id: 0, bytes: 300_002 }]);
});
