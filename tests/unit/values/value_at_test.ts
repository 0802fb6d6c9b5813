import { valueAt } from "../../../lib/values/value_at.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("valueAt() finds values by paths, whose keys may contain dots", () => {
  const value = { a: { b: [{ c: 7 }] }, "a.b": 8, "x.y": { z: null } };
  assertEquals(valueAt(value, "a.b"), 8);
  assertEquals(valueAt(value, "a.b.0.c"), 7);
  assertEquals(valueAt(value, "x.y.z"), null);
  for (const path of ["a.b.1.c", "a.b.00.c", "a.b.length", "x.z", "toString"]) {
    assertEquals(valueAt(value, path), undefined, path);
  }
});
