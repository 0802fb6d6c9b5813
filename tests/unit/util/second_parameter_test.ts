// deno-lint-ignore-file no-unused-vars no-explicit-any -- the functions show their parameters

import { isContextName, secondParameter } from "../../../lib/util/second_parameter.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("secondParameter() finds a parameter in the source of a function", async (t) => {
  const trap = "(a, b";
  const cases: [fn: (...args: any[]) => unknown, expected: string | undefined][] = [
    [() => 1, undefined],
    [(x) => x, undefined],
    [async (x) => await x, undefined],
    [(x, y) => x, "y"],
    [(x, y) => "function max() { [native code] }", "y"],
    [async (x, y) => await x, "y"],
    [(x, y = 2) => x, undefined],
    [(x, ctx = {}) => x, "ctx"],
    [(x, ctx2 = {}) => x, "ctx2"],
    [(x = 1, ctx) => x, "ctx"],
    [(x = 1, { y = 2 }) => x, "{y=2}"],
    [(x, { y } = { y: 1 }) => x, undefined],
    [(x = 1, y = 2, z) => x, undefined],
    [(x = 1) => x, undefined],
    [(x = 1, y = 2) => x, undefined],
    [(x = [1, 2].map((z) => [z, 3])) => x, undefined],
    [(x = "a, b") => x, undefined],
    [(x = `a, ${trap}`) => x, undefined],
    [(x /* , y */) => x, undefined],
    [({ a, b }) => a, undefined],
    [([a, b]) => a, undefined],
    [({ a, b = { c: 1 } }, y) => a, "y"],
    [(...all) => all, undefined],
    [(x, ...all) => x, undefined],
    [([...all]) => all, undefined],
    [function (x) {
      return (y: number, z: number) => x;
    }, undefined],
    [function* named(x, y) {
      yield x;
    }, "y"],
    [{ short(x: number, y: number) {} }.short, "y"],
    [{ short(x: number) {} }.short, undefined],
    [{ ["(a, b"](x: number) {} }["(a, b"], undefined],
    [{ [["a", "b"].join()](x: number, y: number) {} }["a,b"]!, "y"],
    [
      class {
        static make(x: number) {}
      }.make,
      undefined,
    ],
    [Math.max, undefined],
    [parseInt, undefined],
    [((x: number, y: number) => x).bind(undefined), undefined],
    [new Proxy((x: number, y: number) => x, {}), undefined],
  ];
  for (const [fn, expected] of cases) {
    await t.step(fn.toString().slice(0, 60), () => assertEquals(secondParameter(fn), expected));
  }
});

Deno.test("isContextName() accepts names that users give to a context", () => {
  const names = ["ctx", "context", "_", "_unused", "taskCtx", "c", "c2"];
  assertEquals(names.filter((name) => !isContextName(name)), []);
  assertEquals(["nir", "index", "b", "scale"].filter(isContextName), []);
});
