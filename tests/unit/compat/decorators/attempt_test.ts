/**
 * The wrapper `attempt()`.
 *
 * @module
 */

import { attempt } from "../../../../lib/compat/decorators.ts";
import { assertEquals } from "../../../support/assert.ts";
import { boom, echo, raise, withoutStack } from "./failures.ts";

Deno.test("attempt() returns what the function returns", async () => {
  assertEquals(attempt(echo)(1, "b"), [1, "b"]);
  assertEquals(attempt(() => undefined)(), undefined);
  assertEquals(await attempt((x: number) => Promise.resolve(x * 2))(4), 8);
});

Deno.test("attempt() turns an exception into a failure", async (t) => {
  class Late extends Error {
    override readonly name = "Late";
  }
  const cases: [name: string, thrown: unknown, ERROR: string, type: string][] = [
    ["an error", new Error("bad tile"), "bad tile", "Error"],
    ["its own kind", new RangeError("too far"), "too far", "RangeError"],
    ["a class of the user", new Late("too late"), "too late", "Late"],
    ["an error without text", new RangeError(), "RangeError", "RangeError"],
    ["a blank text", new Error("  "), "Error", "Error"],
    ["no name and no text", Object.assign(new Error(), { name: "" }), "Error", "Error"],
    ["a message that is not text", Object.assign(new Error(), { message: 7 }), "7", "Error"],
    ["thrown text", "just text", "just text", "string"],
    ["thrown empty text", "", "string", "string"],
    ["a thrown number", 42, "42", "number"],
    ["a thrown object", { code: 7 }, "{ code: 7 }", "object"],
    ["thrown null", null, "null", "object"],
    ["thrown undefined", undefined, "undefined", "undefined"],
  ];
  for (const [name, thrown, ERROR, type] of cases) {
    const expected = { ERROR, type, ARGS: [{ a: 1 }, 2], KWARGS: {} };
    await t.step(name, () => {
      const failing = attempt((..._: unknown[]) => raise(thrown));
      assertEquals(withoutStack(failing({ a: 1 }, 2)), expected);
    });
    await t.step(`${name}, in a promise`, async () => {
      const failing = attempt((..._: unknown[]) => Promise.reject(thrown));
      assertEquals(withoutStack(await failing({ a: 1 }, 2)), expected);
    });
  }
});

Deno.test("attempt() keeps the stack of an error, with the keys in their order", () => {
  const error = new Error("bad");
  const failure = attempt(() => raise(error))();
  assertEquals(failure, { ERROR: "bad", type: "Error", stack: error.stack!, ARGS: [], KWARGS: {} });
  assertEquals(Object.keys(failure), ["ERROR", "type", "stack", "ARGS", "KWARGS"]);
  assertEquals("stack" in attempt(() => raise("text"))(), false);
});

Deno.test("attempt() keeps a BigInt among the arguments", () => {
  assertEquals(attempt((_: unknown) => boom())({ id: 7n }).ARGS, [{ id: 7n }]);
});

Deno.test("attempt() turns any thrown value into a failure", () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const error = Object.defineProperty(new Error("a"), "message", { get: boom });
  const failures = [proxy, error, "x".repeat(1e6)].map((thrown) => attempt(() => raise(thrown))());
  assertEquals(failures.map(({ ERROR }) => ERROR.length < 70_000 && ERROR !== ""), [
    true,
    true,
    true,
  ]);
});

Deno.test("attempt() writes arguments that JSON cannot represent as text", async (t) => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const cases: [name: string, arg: unknown, expected: unknown][] = [
    ["data", { a: [1, null] }, { a: [1, null] }],
    ["a map", new Map([[1, 2]]), "Map(1) { 1 => 2 }"],
    ["a function", echo, "[Function: echo]"],
    ["undefined", undefined, "undefined"],
    ["a circle", circular, "<ref *1> { self: [Circular *1] }"],
  ];
  for (const [name, arg, expected] of cases) {
    await t.step(name, () => {
      const failure = attempt((_: unknown) => boom())(arg);
      assertEquals(failure.ARGS, [expected]);
      assertEquals(JSON.parse(JSON.stringify(failure)).ARGS, [expected]);
    });
  }
});
