import { isCommonName, whereFunction } from "../../../lib/worker/where.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

Deno.test("whereFunction() evaluates an expression over the keys of an element", async (t) => {
  const cases: [expression: string, names: string[], element: unknown, isKept: boolean][] = [
    ["year > 2000", ["year"], { year: 2001 }, true],
    ["year > 2000", ["year"], { year: "2001" }, true],
    ["year > 2000", ["year"], {}, false],
    ["it % 2 === 0", ["it"], 4, true],
    ["args.endsWith('.tif')", ["args"], "a.tif", true],
    ["args.year > 2000", ["args"], { year: 1, args: { year: 2001 } }, true],
    ["it.it", ["it"], { it: 1 }, true],
    ["it[0] > 1", ["it"], [2], true],
    ["length > 1", ["length"], [1, 2], false],
    ["name === undefined", ["name", "undefined"], {}, true],
    ["Math.abs(v) > 1", ["Math", "v"], { v: -2 }, true],
    ["Math > 1", ["Math"], { Math: 2 }, true],
    ["a, b // the last one", ["a", "b"], { a: 0, b: "x" }, true],
    ["toString === undefined", ["toString", "undefined"], {}, true],
    ["!it", ["it"], null, true],
  ];
  for (const [expression, names, element, isKept] of cases) {
    await t.step(`${expression} of ${JSON.stringify(element)}`, () => {
      assertEquals(whereFunction({ expression, names })(element), isKept);
    });
  }
});

Deno.test("whereFunction() passes on what an expression throws, and refuses a promise", () => {
  const length = whereFunction({ expression: "name.length", names: ["name"] });
  assertThrows(() => length({}), TypeError, "reading 'length'");
  const promise = whereFunction({ expression: "Promise.resolve(a)", names: ["Promise", "a"] });
  assertThrows(() => promise({ a: 1 }), TypeError, "the condition returns a promise");
});

Deno.test("only names with one meaning are not keys", () => {
  const names = ["Math", "Date", "Deno", "parseFloat", "undefined", "it", "args", "console"];
  assertEquals(names.filter((name) => !isCommonName(name)), []);
  const keys = ["name", "location", "close", "year", "Year", "self", "constructor"];
  assertEquals(keys.filter(isCommonName), []);
});
