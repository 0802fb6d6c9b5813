/**
 * The wrapper `asJson()`.
 *
 * @module
 */

import { asJson } from "../../../../lib/compat/decorators.ts";
import {
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "../../../support/assert.ts";
import { echo } from "./failures.ts";

Deno.test("asJson() returns JSON text", async (t) => {
  const cases: [name: string, result: unknown, expected: string][] = [
    ["an object", { a: [1, null] }, '{"a":[1,null]}'],
    ["a list", [], "[]"],
    ["zero", 0, "0"],
    ["false", false, "false"],
    ["text passes through", "ERROR x", "ERROR x"],
    ["empty text passes through", "", ""],
    ["JSON text is not written twice", '{"a":1}', '{"a":1}'],
    ["null is an empty object", null, "{}"],
    ["undefined is an empty object", undefined, "{}"],
    ["a date", new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ];
  for (const [name, result, expected] of cases) {
    await t.step(name, () => assertStrictEquals(asJson(() => result)(), expected));
    await t.step(`${name}, in a promise`, async () => {
      assertStrictEquals(await asJson(() => Promise.resolve(result))(), expected);
    });
  }
});

Deno.test("asJson() returns the result itself for return_as_dict", async (t) => {
  const raw = (seen: unknown[]) => ({ seen });
  const cases: [name: string, args: unknown[], expected: unknown][] = [
    ["true", [{ a: 1, return_as_dict: true }], raw([{ a: 1 }])],
    ["in camelCase", [{ a: 1, returnAsDict: true }], raw([{ a: 1 }])],
    ["the flag alone", [{ return_as_dict: true }], raw([{}])],
    ["text for yes", [{ return_as_dict: "True" }], raw([{}])],
    ["false", [{ a: 1, return_as_dict: false }], '{"seen":[{"a":1}]}'],
    ["text for no", [{ return_as_dict: "false" }], '{"seen":[{}]}'],
    ["with further arguments", [{ return_as_dict: 1 }, 2], raw([{}, 2])],
    ["in the last object", [1, { b: 2, return_as_dict: true }], raw([1, { b: 2 }])],
    ["alone in the last object", [1, { return_as_dict: true }], raw([1])],
    [
      "not in the middle",
      [1, { return_as_dict: true }, 3],
      '{"seen":[1,{"return_as_dict":true},3]}',
    ],
    ["not in a list", [["return_as_dict"]], '{"seen":[["return_as_dict"]]}'],
  ];
  for (const [name, args, expected] of cases) {
    await t.step(name, () => {
      const before = structuredClone(args);
      assertEquals(asJson((...seen: unknown[]) => ({ seen }))(...args), expected);
      assertEquals(args, before, "the caller's object was changed");
    });
  }
});

Deno.test("asJson() passes null, undefined and promises through for return_as_dict", async () => {
  const flag = { return_as_dict: true };
  assertEquals(asJson((_: unknown) => null)(flag), null);
  assertEquals(asJson((_: unknown) => undefined)(flag), undefined);
  assertEquals(await asJson((_: unknown) => Promise.resolve([1]))(flag), [1]);
});

Deno.test("asJson() follows the rules for results", () => {
  const result = { id: 2n ** 60n, left: undefined, band: Float32Array.of(1.5, NaN) };
  assertEquals(asJson(() => result)(), '{"id":1152921504606846976,"band":[1.5,null]}');
});

Deno.test("asJson() names a value that JSON cannot represent", async (t) => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const cases: [name: string, result: unknown, reason: string][] = [
    ["a map", { a: new Map() }, ".a: JSON has no Map, use Object.fromEntries(map)"],
    ["a circle", circular, ".self: it contains itself, use a copy without the cycle"],
    ["a function", echo, ": JSON has no functions, use its return value"],
    ["a symbol", Symbol("s"), ": JSON has no symbols, use a string"],
  ];
  for (const [name, result, reason] of cases) {
    const message = `Cannot write the result of mean${reason}`;
    await t.step(name, () => {
      const mean = () => result;
      assertEquals(assertThrows(() => asJson(mean)(), TypeError).message, message);
    });
    await t.step(`${name}, in a promise`, async () => {
      const mean = () => Promise.resolve(result);
      const error = await assertRejects(() => asJson(mean)() as Promise<unknown>, TypeError);
      assertEquals(error.message, message);
    });
  }
  await t.step("a function without a name", () => {
    assertEquals(
      assertThrows(() => asJson(() => Symbol.iterator)(), TypeError).message,
      "Cannot write the result of a function: JSON has no symbols, use a string",
    );
  });
});
