import { changedPart } from "../../../lib/values/changed_part.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("changedPart() names the first part that JSON does not keep", async (t) => {
  class Sum {
    n = 0;
  }
  const cases: [value: unknown, found: string | undefined][] = [
    [{ a: [1, "x", null, true, { b: undefined }] }, undefined],
    [{ sums: [2n ** 64n] }, ".sums[0] is a BigInt"],
    [Object.assign(Object.create(null), { a: 1 }), undefined],
    [NaN, " is NaN"],
    [{ a: { min: Infinity }, b: NaN }, ".a.min is Infinity"],
    [{ seen: [0, new Date(0)] }, ".seen[1] is an instance of Date"],
    [[new Sum()], "[0] is an instance of Sum"],
    [{ bins: new Float64Array(2) }, ".bins is an instance of Float64Array"],
  ];
  for (const [value, found] of cases) {
    await t.step(Deno.inspect(value), () => assertEquals(changedPart(value), found));
  }
  await t.step("integers that are parsed as BigInt", () => {
    const found = [2n ** 64n, -(2n ** 53n), 2n ** 53n - 1n, [0n]].map((n) => changedPart(n, true));
    assertEquals(found, [undefined, undefined, " is a BigInt", "[0] is a BigInt"]);
  });
});
