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

Deno.test("ResultSample keeps few long results, and replaces one that is too long by its size", () => {
  const sample = new ResultSample(), long = encoder.encode(JSON.stringify("x".repeat(200_000)));
  for (let id = 0; id < 100; id++) if (sample.wants(id)) sample.add(id, long);
  assertLess(sample.toJson(100).length, 4.2 * 1024 * 1024);
  const other = new ResultSample();
  other.add(0, encoder.encode(JSON.stringify("x".repeat(300_000))));
  assertEquals(JSON.parse(other.toJson(1)).rows, [{ id: 0, result: "300002 bytes" }]);
});
