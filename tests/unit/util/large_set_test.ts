import { LargeSet } from "../../../lib/util/large_set.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("LargeSet has each text once, also when it has several parts", () => {
  const set = new LargeSet(3), texts = Array.from({ length: 10 }, (_, i) => `${i}`);
  assertEquals(set.isEmpty, true);
  assertEquals(texts.map((text) => set.add(text)), texts.map(() => true));
  assertEquals(texts.map((text) => set.add(text)), texts.map(() => false));
  assertEquals([set.isEmpty, set.add("10")], [false, true]);
});
