import { nearest } from "../../../lib/util/nearest.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("nearest() sorts by similarity and leaves out the least similar", async () => {
  assertEquals(await nearest("means", ["max", "mean", "median"]), "mean, max, median");
  assertEquals(await nearest("b", ["a", "b", "c"], 2), "b, a, ...");
  assertEquals(await nearest("b", []), "");
});
