/**
 * JSON text without silent losses.
 *
 * @module
 */

import { stringify } from "../../../lib/ndjson/stringify.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

Deno.test("stringify() returns the text of values that JSON can represent", async (t) => {
  class Tile {
    #secret = 1;
    readonly id = 7;
    get mean() {
      return this.#secret;
    }
  }
  const base = { inherited: () => 1 };
  const shared = { a: 1 };
  const cases: [name: string, value: unknown, text: string][] = [
    ["null", null, "null"],
    ["text", 'a"\n', '"a\\"\\n"'],
    ["a number", 1.5, "1.5"],
    ["NaN and Infinity, as everywhere in JSON", [NaN, -Infinity, -0], "[null,null,0]"],
    ["nested", { a: [{ b: {} }, []] }, '{"a":[{"b":{}},[]]}'],
    ["a date", { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ["a URL", [new URL("file:///a")], '["file:///a"]'],
    ["toJSON()", { toJSON: () => ({ a: 1 }), f() {} }, '{"a":1}'],
    ["a Map with toJSON()", Object.assign(new Map(), { toJSON: () => "map" }), '"map"'],
    ["an array with toJSON()", Object.assign([undefined], { toJSON: () => 1 }), "1"],
    ["an instance", new Tile(), '{"id":7}'],
    ["what is inherited is not its own", Object.create(base), "{}"],
    ["an object without a prototype", Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ["one object twice", [shared, shared], '[{"a":1},{"a":1}]'],
    ["a typed array", Uint8Array.of(1, 2), '{"0":1,"1":2}'],
    ["a key called toJSON", { toJSON: 1 }, '{"toJSON":1}'],
    ["a symbol as key", { [Symbol.for("a")]: 1 }, "{}"],
  ];
  for (const [name, value, text] of cases) {
    await t.step(name, () => assertEquals(stringify(value), text));
  }
});

const NO_BIGINT = "JSON has no BigInt, use a string or a number";
const NO_UNDEFINED = "JSON has no undefined, use null or leave it out";
const NO_FUNCTION = "JSON has no functions, use its return value";
const NO_SYMBOL = "JSON has no symbols, use a string";
const NO_CYCLE = "it contains itself, use a copy without the cycle";
const NO_MAP = "JSON has no Map, use Object.fromEntries(map)";
const NO_SET = "JSON has no Set, use [...set]";
const NO_PROMISE = "JSON has no Promise, await it";
const NO_ERROR = "JSON has no Error, use its message";
const NO_ITERATOR = "JSON has no iterator, use [...iterator]";

Deno.test("stringify() names the place of a value that JSON cannot represent", async (t) => {
  const self: Record<string, unknown> = { a: 1 };
  self.self = self;
  const ring: { list: unknown[] } = { list: [1] };
  ring.list.push({ ring });
  class Tile {
    load = () => 1;
  }
  const cases: [name: string, value: unknown, place: string, reason: string][] = [
    ["a BigInt", 1n, "", NO_BIGINT],
    ["a nested BigInt", { a: [1, { b: 2n }] }, ".a[1].b", NO_BIGINT],
    ["undefined", undefined, "", NO_UNDEFINED],
    ["undefined in an object", { a: undefined }, ".a", NO_UNDEFINED],
    ["undefined in a list", [1, undefined], "[1]", NO_UNDEFINED],
    // deno-lint-ignore no-sparse-arrays -- the gap is under test
    ["a gap in a list", [1, , 2], "[1]", NO_UNDEFINED],
    ["a function", () => 1, "", NO_FUNCTION],
    ["a method", { a: { f() {} } }, ".a.f", NO_FUNCTION],
    ["a method of an instance", [new Tile()], "[0].load", NO_FUNCTION],
    ["a symbol", Symbol("a"), "", NO_SYMBOL],
    ["a nested symbol", { a: Symbol.iterator }, ".a", NO_SYMBOL],
    ["a cycle", self, ".self", NO_CYCLE],
    ["a longer cycle", { ring }, ".ring.list[1].ring", NO_CYCLE],
    ["a Map", new Map([[1, 2]]), "", NO_MAP],
    ["a nested Map", { a: [new Map()] }, ".a[0]", NO_MAP],
    ["a Set", { a: new Set([1]) }, ".a", NO_SET],
    ["a promise without an await", { mean: Promise.resolve(1) }, ".mean", NO_PROMISE],
    ["an error", { reason: new RangeError("too far") }, ".reason", NO_ERROR],
    ["a generator", (function* () {})(), "", NO_ITERATOR],
    ["an iterator", { keys: [1].keys() }, ".keys", NO_ITERATOR],
    ["keys that are not names", { "a b": { "": { "1": 1n } } }, '["a b"][""]["1"]', NO_BIGINT],
    ["a key with quotes", { 'say "hi"': 1n }, '["say \\"hi\\""]', NO_BIGINT],
    ["keys that are names", { $a: { _b1: { ü: 1n } } }, '.$a._b1["ü"]', NO_BIGINT],
    ["the first of several", { a: 1, b: new Set(), c: 1n }, ".b", NO_SET],
    ["after a toJSON()", { at: new Date(0), b: 1n }, ".b", NO_BIGINT],
  ];
  for (const [name, value, place, reason] of cases) {
    await t.step(name, () => {
      const error = assertThrows(() => stringify(value, "result"), TypeError);
      assertEquals(error.message, `Cannot write result${place}: ${reason}`);
    });
  }
});

Deno.test("stringify() passes on the error of a toJSON()", () => {
  const toJSON = () => {
    throw new RangeError("not today");
  };
  assertEquals(assertThrows(() => stringify({ a: { toJSON } }), RangeError).message, "not today");
});
