// deno-lint-ignore-file no-unused-vars no-explicit-any -- the functions show their parameters

import { takesSecond } from "../../../lib/util/takes_second.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("takesSecond() finds a second parameter in the source of a function", async (t) => {
  const trap = "(a, b";
  const cases: [fn: (...args: any[]) => unknown, expected: boolean][] = [
    [() => 1, false],
    [(x) => x, false],
    [async (x) => await x, false],
    [(x, y) => x, true],
    [(x, y) => "function max() { [native code] }", true],
    [async (x, y) => await x, true],
    [(x, y = 2) => x, false],
    [(x, ctx = {}) => x, true],
    [(x = 1, ctx) => x, true],
    [(x = 1, { y = 2 }) => x, true],
    [(x, { y } = { y: 1 }) => x, false],
    [(x = 1, y = 2, z) => x, false],
    [(x = 1) => x, false],
    [(x = 1, y = 2) => x, false],
    [(x = [1, 2].map((z) => [z, 3])) => x, false],
    [(x = "a, b") => x, false],
    [(x = `a, ${trap}`) => x, false],
    [(x /* , y */) => x, false],
    [({ a, b }) => a, false],
    [([a, b]) => a, false],
    [({ a, b = { c: 1 } }, y) => a, true],
    [(...all) => all, false],
    [(x, ...all) => x, false],
    [([...all]) => all, false],
    [function (x) {
      return (y: number, z: number) => x;
    }, false],
    [function* named(x, y) {
      yield x;
    }, true],
    [{ short(x: number, y: number) {} }.short, true],
    [{ short(x: number) {} }.short, false],
    [{ ["(a, b"](x: number) {} }["(a, b"], false],
    [{ [["a", "b"].join()](x: number, y: number) {} }["a,b"]!, true],
    [
      class {
        static make(x: number) {}
      }.make,
      false,
    ],
    [Math.max, false],
    [parseInt, false],
    [((x: number, y: number) => x).bind(undefined), false],
    [new Proxy((x: number, y: number) => x, {}), false],
  ];
  for (const [fn, expected] of cases) {
    await t.step(fn.toString().slice(0, 60), () => assertEquals(takesSecond(fn), expected));
  }
});
