import { fieldsOf, numberAt } from "../../../../lib/web/page/plot.tsx";
import { parseComputed } from "../../../../lib/web/page/shown_json.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("fieldsOf() returns the names of numbers in results, and numberAt() the numbers", () => {
  const result = { name: "a", area: 3, centroid: [7, 45], pixels: [1, 2, 3, 4, 5], at: { x: -1 } };
  const fields = fieldsOf([{ id: 0, result }, { id: 1, result: 12 }]);
  assertEquals(fields, ["area", "centroid.0", "centroid.1", "at.x", "value"]);
  assertEquals(fields.map((field) => numberAt(result, field)), [3, 7, 45, -1, undefined]);
  assertEquals(numberAt(12, "value"), 12);
  assertEquals(numberAt(null, "area"), undefined);
});

Deno.test("fieldsOf() finds integers beyond 2^53", () => {
  const result = parseComputed('{"n":9007199254740993}');
  assertEquals(fieldsOf([{ id: 0, result }]), ["n"]);
  assertEquals(numberAt(result, "n"), 2 ** 53);
});

Deno.test("numberAt() finds keys that contain dots", () => {
  const result = { "t.mean": 1, a: { "b.c": 2, b: { d: 3 } }, "a.b": { e: 4 } };
  const fields = fieldsOf([{ id: 0, result }]);
  assertEquals(fields, ["t.mean", "a.b.c", "a.b.d", "a.b.e"]);
  assertEquals(fields.map((field) => numberAt(result, field)), [1, 2, 3, 4]);
  assertEquals(numberAt(result, "a.b.x"), undefined);
});
