/**
 * The helpers of run methods.
 *
 * @module
 */

import { boolStr, copyUpdate, isStr, truthy, updateList } from "../../../lib/compat/helpers.ts";
import { isDict } from "../../../lib/util/is_dict.ts";
import { parseBool } from "../../../lib/util/text/parse_bool.ts";
import { assertEquals, assertStrictEquals, assertThrows } from "../../support/assert.ts";

/** The functions without types, as plain JavaScript calls them. */
const looseCopyUpdate = copyUpdate as (...args: unknown[]) => unknown;
const looseUpdateList = updateList as (...args: unknown[]) => unknown;

const TRUE = ["1", "true", "t", "yes", "y", "on", "TRUE", "Yes", " on\n"];
const FALSE = ["0", "false", "f", "no", "n", "off", "none", "null", "None", "OFF", " No "];
const OTHER = ["", "  ", "maybe", "2", "tru", "yes no", "truee", "undefined"];

Deno.test("copyUpdate() merges an object or sets a key", async (t) => {
  const cases: [name: string, args: unknown[], expected: unknown][] = [
    ["an object is merged", [{ a: 1, b: 2 }, { b: 3, c: 4 }], { a: 1, b: 3, c: 4 }],
    ["an empty object changes nothing", [{ a: 1 }, {}], { a: 1 }],
    ["the merge is shallow", [{ a: { x: 1 } }, { a: { y: 2 } }], { a: { y: 2 } }],
    ["no update is a copy", [{ a: 1 }, undefined], { a: 1 }],
    ["a null update is a copy", [{ a: 1 }, null], { a: 1 }],
    ["a key is set", [{ a: 1 }, "b", 2], { a: 1, b: 2 }],
    ["the key '' is honoured", [{ a: 1 }, "", 2], { a: 1, "": 2 }],
    ["the key 0 is honoured", [{ a: 1 }, 0, 2], { a: 1, 0: 2 }],
    ["the value 0 is honoured", [{ a: 1 }, "a", 0], { a: 0 }],
    ["the value '' is honoured", [{ a: 1 }, "a", ""], { a: "" }],
    ["the value false is honoured", [{ a: 1 }, "a", false], { a: false }],
    ["the value null is honoured", [{ a: 1 }, "a", null], { a: null }],
    ["data without a prototype is an object", [Object.create(null), "a", 1], { a: 1 }],
  ];
  for (const [name, args, expected] of cases) {
    await t.step(name, () => assertEquals(looseCopyUpdate(...args), expected));
  }
});

Deno.test("copyUpdate() shares nothing with its arguments", () => {
  const data = { list: [1], deep: { x: 1 } };
  const update = { more: [2] };
  const value = [3];
  const merged = copyUpdate(data, update);
  merged.list.push(9);
  merged.more.push(9);
  copyUpdate(data, "set", value).set.push(9);
  copyUpdate(data, null).list.push(9);
  assertEquals([data, update, value], [{ list: [1], deep: { x: 1 } }, { more: [2] }, [3]]);
});

Deno.test("copyUpdate() keeps a key called __proto__ a key", () => {
  const copy = copyUpdate(JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"b":2}'));
  assertEquals(JSON.stringify(copy), '{"__proto__":{"a":1},"b":2}');
  assertStrictEquals(Object.getPrototypeOf(copy), Object.prototype);
});

Deno.test("copyUpdate() infers the type of its result", () => {
  const replaced: { a: string; b: number } = copyUpdate({ a: 1, b: 2 }, { a: "text" });
  const set: { a: number; year: number } = copyUpdate({ a: 1 }, "year", 2019);
  assertEquals([replaced, set], [{ a: "text", b: 2 }, { a: 1, year: 2019 }]);
});

Deno.test("copyUpdate() refuses invalid arguments, and explains how to call it", async (t) => {
  const key = "pass an object to merge, or a key and its value";
  const cases: [name: string, args: unknown[], message: string][] = [
    [
      "a key without a value",
      [{ a: 1 }, "b"],
      'Cannot update with "b": it is a key without a value, ' +
      'pass the value too: copyUpdate(data, "b", value)',
    ],
    [
      "the key 0 without a value",
      [{ a: 1 }, 0],
      "Cannot update with 0: it is a key without a value, " +
      "pass the value too: copyUpdate(data, 0, value)",
    ],
    ["a list", [{ a: 1 }, [1, 2]], `Cannot update with [ 1, 2 ]: ${key}`],
    ["a boolean", [{ a: 1 }, true, 1], `Cannot update with true: ${key}`],
    ["a map", [{ a: 1 }, new Map()], `Cannot update with Map(0) {}: ${key}`],
    [
      "data that is not an object",
      [[1], { a: 1 }],
      "Cannot update [ 1 ]: data must be an object such as { year: 2019 }",
    ],
  ];
  for (const [name, args, message] of cases) {
    await t.step(name, () => {
      assertEquals(assertThrows(() => looseCopyUpdate(...args), TypeError).message, message);
    });
  }
});

Deno.test("updateList() returns one copy for each value", async (t) => {
  const cases: [name: string, args: unknown[], expected: unknown][] = [
    ["objects are merged", [{ a: 1 }, [{ b: 1 }, { a: 2 }, {}]], [
      { a: 1, b: 1 },
      { a: 2 },
      { a: 1 },
    ]],
    ["a key is set", [{ a: 1 }, [1, 0, "", null, false], "b"], [
      { a: 1, b: 1 },
      { a: 1, b: 0 },
      { a: 1, b: "" },
      { a: 1, b: null },
      { a: 1, b: false },
    ]],
    ["a key may take objects", [{ a: 1 }, [{ x: 1 }], "b"], [{ a: 1, b: { x: 1 } }]],
    ["the key '' is honoured", [{ a: 1 }, [2], ""], [{ a: 1, "": 2 }]],
    ["the key 0 is honoured", [{ a: 1 }, [2], 0], [{ a: 1, 0: 2 }]],
    ["a null key is ignored", [{ a: 1 }, [{ b: 2 }], null], [{ a: 1, b: 2 }]],
    ["any iterable will do", [{ a: 1 }, new Set([2, 3]), "b"], [{ a: 1, b: 2 }, { a: 1, b: 3 }]],
    ["no values, no copies", [{ a: 1 }, []], []],
  ];
  for (const [name, args, expected] of cases) {
    await t.step(name, () => assertEquals(looseUpdateList(...args), expected));
  }
});

Deno.test("updateList() copies the data for each value", () => {
  const data = { list: [1] };
  const [first, second] = updateList(data, [1, 2], "year");
  first?.list.push(9);
  assertEquals([data, second], [{ list: [1] }, { list: [1], year: 2 }]);
});

Deno.test("updateList() names the value that needs a key", async (t) => {
  const way = 'it is not an object, pass the key to set: updateList(data, values, "key")';
  const cases: [name: string, args: unknown[], message: string][] = [
    ["a number", [{}, [{ a: 1 }, 3]], `Cannot update with value 1, 3: ${way}`],
    ["text", [{}, ["a"]], `Cannot update with value 0, "a": ${way}`],
    ["null", [{}, [null]], `Cannot update with value 0, null: ${way}`],
    ["a list", [{}, [[1]]], `Cannot update with value 0, [ 1 ]: ${way}`],
    ["text for a list", [{}, "abc", "k"], 'Cannot update over "abc": pass a list, ["abc"]'],
    ...[3, {}, null, undefined].map((values): [string, unknown[], string] => [
      `${Deno.inspect(values)} for a list`,
      [{}, values, "k"],
      `Cannot update over ${Deno.inspect(values)}: ` +
      "pass a list, such as [1, 2] or [...Array(3).keys()]",
    ]),
  ];
  for (const [name, args, message] of cases) {
    await t.step(name, () => {
      assertEquals(assertThrows(() => looseUpdateList(...args), TypeError).message, message);
    });
  }
});

Deno.test("isStr() is true for text alone", () => {
  const values = ["", "a", 1, null, undefined, ["a"], {}];
  assertEquals(values.map(isStr), [true, true, false, false, false, false, false]);
});

Deno.test("isDict() is true for plain objects alone", () => {
  const plain = [{}, { a: 1 }, Object.create(null)];
  const other = [[], null, undefined, "a", 1, new Date(), new Map(), new (class A {})(), () => 1];
  assertEquals(plain.filter((value) => !isDict(value)), []);
  assertEquals(other.filter(isDict), []);
});

Deno.test("parseBool() accepts only the words for yes and no", () => {
  assertEquals(TRUE.filter((text) => parseBool(text) !== true), []);
  assertEquals(FALSE.filter((text) => parseBool(text) !== false), []);
  assertEquals(OTHER.filter((text) => parseBool(text) !== undefined), []);
});

Deno.test("boolStr() turns the words into booleans", () => {
  assertEquals(TRUE.filter((text) => boolStr(text) !== true), []);
  assertEquals(FALSE.filter((text) => boolStr(text) !== false), []);
});

Deno.test("boolStr() returns any other value unchanged", () => {
  for (const value of [...OTHER, 0, 1, 0.5, true, false, null, undefined, [], {}]) {
    assertStrictEquals(boolStr(value), value);
  }
});

Deno.test("truthy() is false for empty text and the words for no, and true for other text", () => {
  assertEquals([...FALSE, "", "  "].filter((text) => truthy(text) !== false), []);
  assertEquals([...TRUE, "maybe", "2", "results"].filter((text) => truthy(text) !== true), []);
});

Deno.test("truthy() returns booleans, integers, null and undefined unchanged", () => {
  for (const value of [true, false, 0, 1, 5, -3, 10n, null, undefined]) {
    assertStrictEquals(truthy(value), value);
  }
});

Deno.test("truthy() refuses values without a clear meaning", async (t) => {
  const way = "pass a boolean, text, an integer or null";
  const cases: [value: unknown, shown: string][] = [
    [0.5, "0.5"],
    [NaN, "NaN"],
    [Infinity, "Infinity"],
    [[], "[]"],
    [[1, 2], "[ 1, 2 ]"],
    [{ a: 1 }, "{ a: 1 }"],
    [[1, 2, 3, 4, 5], "[ 1, 2, 3, ... 2 more items ]"],
  ];
  for (const [value, shown] of cases) {
    await t.step(shown, () => {
      const { message } = assertThrows(() => truthy(value), TypeError);
      assertEquals(message, `Cannot read ${shown} as true or false: ${way}`);
    });
  }
});
