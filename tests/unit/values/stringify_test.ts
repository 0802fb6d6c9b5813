/**
 * JSON text without silent losses.
 *
 * @module
 */

import { stringify } from "../../../lib/values/stringify.ts";
import { Buffer } from "node:buffer";
import { assertEquals, assertThrows } from "../../support/assert.ts";

const NESTED_BIGINTS = '[-18446744073709551616,{"id":9007199254740993}]';

function nested(depth: number): unknown[] {
  let list: unknown[] = [];
  for (let i = 1; i < depth; i++) list = [list];
  return list;
}

Deno.test("stringify() returns the text of values that JSON can represent", async (t) => {
  class Tile {
    #secret = 1;
    readonly id = 7;
    get mean() {
      return this.#secret;
    }
  }
  const shared = { a: 1 };
  const cases: [name: string, value: unknown, text: string][] = [
    ["null", null, "null"],
    ["text", 'a"\n', '"a\\"\\n"'],
    ["a lone surrogate", ["\ud800", { "\udfff": 1 }], '["\\ud800",{"\\udfff":1}]'],
    ["a number", 1.5, "1.5"],
    ["NaN and Infinity, as everywhere in JSON", [NaN, -Infinity, -0], "[null,null,0]"],
    ["nested", { a: [{ b: {} }, []] }, '{"a":[{"b":{}},[]]}'],
    ["undefined in an object", { a: undefined, b: [{ c: undefined, d: 1 }] }, '{"b":[{"d":1}]}'],
    ["undefined beside a BigInt", { a: undefined, b: 1n }, '{"b":1}'],
    ["a BigInt", 2n ** 64n, "18446744073709551616"],
    ["BigInts", [-(2n ** 64n), { id: 9007199254740993n }], NESTED_BIGINTS],
    ["a boxed BigInt", [Object(7n), Object(1), Object("a"), Object(true)], '[7,1,"a",true]'],
    ["a date", { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ["an invalid date", { at: new Date(NaN) }, '{"at":null}'],
    ["a date of a subclass", [new (class extends Date {})(0)], '["1970-01-01T00:00:00.000Z"]'],
    ["a URL", [new URL("file:///a")], '["file:///a"]'],
    ["a buffer of Node", Buffer.from("a"), '{"type":"Buffer","data":[97]}'],
    ["toJSON()", { toJSON: () => ({ a: 1 }), f() {} }, '{"a":1}'],
    ["toJSON() with odd values", [{ toJSON: () => ({ a: 1n, b: NaN }) }], '[{"a":1,"b":null}]'],
    ["toJSON() receives the key", { a: { toJSON: (key: string) => key } }, '{"a":"a"}'],
    ["a Map with toJSON()", Object.assign(new Map(), { toJSON: () => "map" }), '"map"'],
    ["an array with toJSON()", Object.assign([undefined], { toJSON: () => 1 }), "1"],
    ["an instance", new Tile(), '{"id":7}'],
    ["an object without a prototype", Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ["one object twice", [shared, shared], '[{"a":1},{"a":1}]'],
    ["one object twice, beside a BigInt", [shared, shared, 1n], '[{"a":1},{"a":1},1]'],
    [
      "typed arrays",
      [Uint16Array.of(1), Int8Array.of(-1), Float32Array.of(0.5)],
      "[[1],[-1],[0.5]]",
    ],
    ["a typed array alone", Float64Array.of(1, NaN), "[1,null]"],
    ["a typed array without numbers", new Float64Array(0), "[]"],
    ["a typed array of BigInts", BigUint64Array.of(2n ** 63n), "[9223372036854775808]"],
    ["clamped bytes", Uint8ClampedArray.of(300), "[255]"],
    ["a key called toJSON", { toJSON: 1 }, '{"toJSON":1}'],
    ["a key called __proto__", JSON.parse('{"__proto__":{"a":1}}'), '{"__proto__":{"a":1}}'],
    ["__proto__ beside a BigInt", { ["__proto__"]: 1n }, '{"__proto__":1}'],
    ["a symbol as key", { [Symbol.for("a")]: 1 }, "{}"],
    ["a list of 1,000 levels", nested(1000), "[".repeat(1000) + "]".repeat(1000)],
  ];
  for (const [name, value, text] of cases) {
    await t.step(name, () => assertEquals(stringify(value), text));
  }
});

const NO_UNDEFINED = "JSON has no undefined, use null or leave it out";
const NO_FUNCTION = "JSON has no functions, use its return value";
const NO_SYMBOL = "JSON has no symbols, use a string";
const NO_CYCLE = "it contains itself, use a copy without the cycle";
const NO_MAP = "JSON has no Map, use Object.fromEntries(map)";
const NO_SET = "JSON has no Set, use [...set]";
const NO_PROMISE = "JSON has no Promise, await it";
const NO_ERROR = "JSON has no Error, use its message";
const LOST_NUMBERS = "its buffer was transferred or shrunk, make a copy before with x.slice()";
const NO_REGEXP = "JSON has no RegExp, use its source";
const TOO_DEEP = "it is nested more than 1000 levels deep, use a flat list";

function drain(kind: string): string {
  return `JSON has no ${kind}, use await Array.fromAsync(x)`;
}

function transferred(): Float64Array {
  const numbers = Float64Array.of(1, 2);
  structuredClone(numbers, { transfer: [numbers.buffer] });
  return numbers;
}

function shrunk(): Float64Array {
  const buffer = new ArrayBuffer(16, { maxByteLength: 16 }), numbers = new Float64Array(buffer, 8);
  buffer.resize(0);
  return numbers;
}

function noBytes(kind: string): string {
  return `JSON has no ${kind}, write the bytes to a file and use its path`;
}

function nothing(kind: string): string {
  return `JSON keeps nothing of an instance of ${kind}, use an object with its data`;
}

Deno.test("stringify() names the place of a value that JSON cannot represent", async (t) => {
  const self: Record<string, unknown> = { a: 1 };
  self.self = self;
  const ring: { list: unknown[] } = { list: [1] };
  ring.list.push({ ring });
  class Tile {
    load = () => 1;
  }
  const cases: [name: string, value: unknown, place: string, reason: string][] = [
    ["undefined", undefined, "", NO_UNDEFINED],
    ["undefined in a list", [1, undefined], "[1]", NO_UNDEFINED],
    // deno-lint-ignore no-sparse-arrays -- the gap is under test
    ["a gap in a list", [1, , 2], "[1]", NO_UNDEFINED],
    ["a long list of gaps", new Array(2 ** 32 - 1), "[0]", NO_UNDEFINED],
    ["a function", () => 1, "", NO_FUNCTION],
    ["a class", class {}, "", NO_FUNCTION],
    ["a method", { a: { f() {} } }, ".a.f", NO_FUNCTION],
    ["a method of an instance", [new Tile()], "[0].load", NO_FUNCTION],
    ["a symbol", Symbol("a"), "", NO_SYMBOL],
    ["a nested symbol", { a: Symbol.iterator }, ".a", NO_SYMBOL],
    ["a cycle", self, ".self", NO_CYCLE],
    ["a longer cycle", { ring }, ".ring.list[1].ring", NO_CYCLE],
    ["100,000 levels", nested(100_000), "[0]".repeat(20) + "...", TOO_DEEP],
    ["a Map", new Map([[1, 2]]), "", NO_MAP],
    ["a nested Map", { a: [new Map()] }, ".a[0]", NO_MAP],
    ["a Map with fields", { a: Object.assign(new Map(), { b: 1 }) }, ".a", NO_MAP],
    ["a Map of a subclass", [new (class Index extends Map {})()], "[0]", NO_MAP],
    ["a Map from toJSON()", { toJSON: () => new Map() }, "", NO_MAP],
    ["a Set", { a: new Set([1]) }, ".a", NO_SET],
    ["a WeakMap", [new WeakMap()], "[0]", "JSON has no WeakMap, use a plain object"],
    ["a promise without an await", { mean: Promise.resolve(1) }, ".mean", NO_PROMISE],
    ["an error", { reason: new RangeError("too far") }, ".reason", NO_ERROR],
    ["a regular expression", { a: /a/g }, ".a", NO_REGEXP],
    ["a generator", (function* () {})(), "", drain("Generator")],
    ["an iterable object", { a: { *[Symbol.iterator]() {} } }, ".a", drain("iterable objects")],
    ["an async one", { async *[Symbol.asyncIterator]() {} }, "", drain("iterable objects")],
    ["an async generator", (async function* () {})(), "", drain("AsyncGenerator")],
    ["an iterator", { keys: [1].keys() }, ".keys", drain("Array Iterator")],
    ["an iterator helper", [1].values().map(String), "", drain("Iterator Helper")],
    ["a stream", new ReadableStream(), "", drain("ReadableStream")],
    [
      "a response",
      new Response("a"),
      "",
      "JSON has no Response, use await x.json() or await x.text()",
    ],
    ["headers", { a: new Headers() }, ".a", "JSON has no Headers, use Object.fromEntries(x)"],
    [
      "a query",
      new URLSearchParams(),
      "",
      "JSON has no URLSearchParams, use Object.fromEntries(x)",
    ],
    ["bytes", { png: new Uint8Array(3) }, ".png", noBytes("Uint8Array")],
    ["numbers whose buffer was transferred", { a: transferred() }, ".a", LOST_NUMBERS],
    ["numbers whose buffer was shrunk", [shrunk()], "[0]", LOST_NUMBERS],
    ["a buffer", new ArrayBuffer(3), "", noBytes("ArrayBuffer")],
    ["a view", new DataView(new ArrayBuffer(3)), "", noBytes("DataView")],
    ["a blob", [new Blob([])], "[0]", noBytes("Blob")],
    ["a file", [new File([], "a")], "[0]", noBytes("File")],
    [
      "an instance with private state",
      new (class Hidden {
        #a = 1;
        a = () => this.#a;
      })(),
      ".a",
      NO_FUNCTION,
    ],
    ["an instance without fields", new (class Empty {})(), "", nothing("Empty")],
    ["inherited fields", { a: Object.create({ b: 1 }) }, ".a", nothing("Object")],
    ["an object of the runtime", { t: new TextDecoder() }, ".t", nothing("TextDecoder")],
    ["keys that are not names", { "a b": { "": { "1": /a/ } } }, '["a b"][""]["1"]', NO_REGEXP],
    ["a key with quotes", { 'say "hi"': /a/ }, '["say \\"hi\\""]', NO_REGEXP],
    ["keys that are names", { $a: { _b1: { ü: /a/ } } }, '.$a._b1["ü"]', NO_REGEXP],
    ["a long key", { ["a".repeat(1000)]: /a/ }, `["${"a".repeat(100)}"]`, NO_REGEXP],
    ["the first of several", { a: 1, b: new Set(), c: /a/ }, ".b", NO_SET],
    ["after a toJSON()", { at: new Date(0), b: new Map() }, ".b", NO_MAP],
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

Deno.test("stringify() reports the path of each number that is not finite", () => {
  const paths: string[] = [];
  const value = {
    a: NaN,
    b: [1, -Infinity, { c: Float64Array.of(2, Infinity) }],
    d: new Date(NaN),
  };
  const text = stringify(value, "result", (path) => paths.push(path));
  assertEquals(text, '{"a":null,"b":[1,null,{"c":[2,null]}],"d":null}');
  assertEquals(paths, ["result.a", "result.b[1]", "result.b[2].c[1]", "result.d"]);
  assertEquals([stringify(NaN, "x", (path) => paths.push(path)), paths.at(-1)], ["null", "x"]);
});

Deno.test("stringify() reads each value like JSON.stringify where that keeps all parts", () => {
  const seed = 7, random = randomValues(seed);
  for (let i = 0; i < 500; i++) {
    const value = random();
    assertEquals(stringify(value), JSON.stringify(value), `seed ${seed}, value ${i}`);
    assertEquals(
      stringify([value, 1n]),
      `[${JSON.stringify(value)},1]`,
      `seed ${seed}, value ${i}`,
    );
  }
});

/** Returns a generator of random plain values. */
function randomValues(seed: number): () => unknown {
  let state = seed;
  const next = (most: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % most;
  };
  const make = (depth: number): unknown => {
    const kind = next(depth > 3 ? 7 : 9);
    if (kind === 7) return Array.from({ length: next(5) }, () => make(depth + 1));
    if (kind === 8) {
      return Object.fromEntries(
        Array.from({ length: next(5) }, () => [KEYS[next(6)], make(depth + 1)]),
      );
    }
    return [null, true, next(1e6) / 7, -next(1e6), "text \u2028", new Date(next(1e9)), -0][kind];
  };
  return () => make(0);
}

const KEYS = ["a", "b c", "__proto__", "1", "", "ü"];
