/**
 * JSON whose numbers are passed on unchanged.
 *
 * @module
 */

import { rawJson } from "../../../lib/util/builtins.ts";
import { elementTexts, parseExact, parseUnchanged } from "../../../lib/values/exact_json.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("parseExact() keeps the text of all numbers", () => {
  const text = '{"id":9007199254740993,"v":1.10,"n":[1e400,-0,1E2,"1.10",null,{"__proto__":1.0}]}';
  assertEquals(JSON.stringify(parseExact(text)), text);
});

Deno.test("parseUnchanged() keeps the text of all numbers, and converts ordinary ones", () => {
  const text =
    '{"id":9007199254740993,"v":1.10,"n":[1e400,-0,1E2,-0.0,0.1000000000000000055,0.0000001]}';
  assertEquals(JSON.stringify(parseUnchanged(text)), text);
  assertEquals(parseUnchanged('{"a":[-1.5,0,1.05,"2.0",9007199254740993]}'), {
    a: [-1.5, 0, 1.05, "2.0", rawJson("9007199254740993")],
  });
  assertEquals(parseUnchanged('[1.5,10,"x"]'), [1.5, 10, "x"]);
});

Deno.test("elementTexts() splits a list without changing its elements", async (t) => {
  const cases: [list: string, texts: string[]][] = [
    ["[]", []],
    ["[ ]", []],
    ["[1.10, 9007199254740993 ]", ["1.10", "9007199254740993"]],
    ['["a,b]","\\"],",{"a":["x,y",{}],"b":[]},[[1,2],[3]],null]', [
      '"a,b]"',
      '"\\"],"',
      '{"a":["x,y",{}],"b":[]}',
      "[[1,2],[3]]",
      "null",
    ]],
    ['["\\\\","\\\\\\"",""]', ['"\\\\"', '"\\\\\\""', '""']],
  ];
  for (const [list, texts] of cases) {
    await t.step(list, () => assertEquals(elementTexts(list), texts));
  }
  await t.step("a long text", () => {
    const long = JSON.stringify('x,"'.repeat(10_000_000));
    assertEquals(elementTexts(`[1,${long},2]`).map(({ length }) => length), [1, long.length, 1]);
  });
});
