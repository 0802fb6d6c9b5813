/**
 * The wrapper `expandArgs()`.
 *
 * @module
 */

import { expandArgs } from "../../../../lib/compat/decorators.ts";
import { assertEquals, assertRejects, assertThrows } from "../../../support/assert.ts";
import { boom, echo } from "./failures.ts";

Deno.test("expandArgs() spreads the one argument of a task", async (t) => {
  const cases: [name: string, args: unknown[], expected: unknown[]][] = [
    ["an array is spread", [[1, "b", null]], [1, "b", null]],
    ["an empty array is a call with nothing", [[]], []],
    ["only one level is spread", [[[1, 2]]], [[1, 2]]],
    ["an object is the named arguments", [{ a: 1 }], [{ a: 1 }]],
    ["an empty object is handed over", [{}], [{}]],
    ["text is not spread", ["abc"], ["abc"]],
    ["a number is one argument", [3], [3]],
    ["zero is one argument", [0], [0]],
    ["null is one argument", [null], [null]],
    ["the wrapped form", [{ args: [1, 2], kwargs: { k: 3 } }], [1, 2, { k: 3 }]],
    ["the wrapped form, args alone", [{ args: [1, 2] }], [1, 2]],
    ["the wrapped form, kwargs alone", [{ kwargs: { k: 3 } }], [{ k: 3 }]],
    ["empty kwargs are left out", [{ args: [1], kwargs: {} }], [1]],
    ["an empty wrapped form is a call with nothing", [{ args: [], kwargs: {} }], []],
    ["a further key unmakes the form", [{ args: [1], k: 2 }], [{ args: [1], k: 2 }]],
    ["args that are not a list make it a plain object", [{ args: 3 }], [{ args: 3 }]],
    ["kwargs that are not an object make it a plain object", [{ args: [1], kwargs: [2] }], [
      { args: [1], kwargs: [2] },
    ]],
    ["nothing stays nothing", [], []],
    ["a list and an object are args and kwargs", [[1, 2], { k: 3 }], [1, 2, { k: 3 }]],
    ["a list and an empty object are args", [[1, 2], {}], [1, 2]],
    ["several arguments go through", [1, 2, { k: 3 }], [1, 2, { k: 3 }]],
    ["two arguments go through", [1, { k: 3 }], [1, { k: 3 }]],
    ["two lists go through", [[1], [2]], [[1], [2]]],
  ];
  for (const [name, args, expected] of cases) {
    await t.step(name, () => assertEquals(expandArgs(echo)(...args), expected));
  }
});

Deno.test("expandArgs() with names fills parameters from an object", async (t) => {
  const call = (a: unknown, b: unknown, c: unknown = "c") => [a, b, c];
  const named = expandArgs(call, ["a", "b", "c"]);
  const cases: [name: string, args: unknown[], expected: unknown[]][] = [
    ["an object, in any order", [{ b: 2, a: 1 }], [1, 2, "c"]],
    ["null and undefined are values", [{ a: null, b: undefined, c: 0 }], [null, undefined, 0]],
    ["an array is spread", [[1, 2]], [1, 2, "c"]],
    ["the wrapped form", [{ args: [1], kwargs: { b: 2 } }], [1, 2, "c"]],
    ["the wrapped form, kwargs alone", [{ kwargs: { a: 1, b: 2 } }], [1, 2, "c"]],
    ["a list and an object", [[1], { c: 3, b: 2 }], [1, 2, 3]],
    ["text is one argument", ["abc"], ["abc", undefined, "c"]],
    ["several arguments go through", [1, { b: 2 }, 3], [1, { b: 2 }, 3]],
  ];
  for (const [name, args, expected] of cases) {
    await t.step(name, () => assertEquals(named(...args), expected));
  }
  const wrong: [args: unknown[], problem: string][] = [
    [[{ a: 1, b: 2, d: 3 }], '"d" is not a parameter, they are a, b, c'],
    [[{ a: 1, toString: 2 }], '"toString" is not a parameter, they are a, b, c'],
    [[{ b: 1 }], '"a" has no value'],
    [[{}], '"a" has no value'],
    [[{ args: [1], kwargs: { a: 2 } }], '"a" is given twice'],
    [[[1], { c: 2 }], '"b" has no value'],
  ];
  for (const [args, problem] of wrong) {
    await t.step(problem, () => {
      const { message } = assertThrows(() => named(...args), TypeError);
      assertEquals(message, `Cannot call call: ${problem}`);
    });
  }
});

Deno.test("expandArgs() passes on an exception and a rejection", async () => {
  assertEquals(assertThrows(() => expandArgs(boom)([1]), RangeError).message, "too far");
  const reason = await assertRejects(() =>
    expandArgs(() => Promise.reject(new Error("later")))([])
  );
  assertEquals((reason as Error).message, "later");
});
