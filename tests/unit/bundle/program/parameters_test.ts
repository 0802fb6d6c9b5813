/**
 * The parameters of functions, read from their text.
 *
 * @module
 */

import {
  type AnyFunction,
  type Parameter,
  readParameters,
} from "../../../../lib/bundle/program/parameters.ts";
import { attempt, expandArgs } from "../../../../lib/compat/decorators.ts";
import { assertEquals } from "../../../support/assert.ts";

const read = async (fn: AnyFunction) => await readParameters(fn);
const textsOf = async (fn: AnyFunction) => (await read(fn))?.map(({ text }) => text);

class Methods {
  static fixed(a: unknown, b = 1) {
    return [a, b];
  }
  async later(a: unknown) {
    return await a;
  }
  *each(a: unknown) {
    yield a;
  }
}

const methods = {
  plain(a: unknown) {
    return a;
  },
  "two words"(a: unknown) {
    return a;
  },
  async *[Symbol.iterator](a: unknown) {
    yield await a;
  },
};

Deno.test("readParameters() reads functions of every form", async (t) => {
  const cases: [name: string, fn: AnyFunction, texts: string[] | undefined][] = [
    ["a function", function named(a: unknown, b: unknown) {
      return [a, b];
    }, ["a", "b"]],
    ["an arrow function", (a: unknown) => a, ["a"]],
    ["an arrow function without parentheses", new Function("return a => a")(), ["a"]],
    ["an asynchronous arrow function", async (a: unknown) => await a, ["a"]],
    ["a generator", function* (a: unknown) {
      yield a;
    }, ["a"]],
    ["no parameters", () => 1, []],
    ["a method", methods.plain, ["a"]],
    ["a method with a quoted name", methods["two words"], ["a"]],
    ["a generator with a computed name", methods[Symbol.iterator], ["a"]],
    ["a method of a class", new Methods().later, ["a"]],
    ["a generator of a class", new Methods().each, ["a"]],
    ["a static method", Methods.fixed, ["a", "b = 1"]],
    ["a wrapped function", attempt(expandArgs((a: unknown, b = 2) => [a, b])), ["a", "b = 2"]],
    ["a native function", Math.max, undefined],
    ["a bound function", methods.plain.bind(null), undefined],
    ["a class", Methods as never, undefined],
  ];
  for (const [name, fn, texts] of cases) {
    await t.step(name, async () => assertEquals(await textsOf(fn), texts));
  }
});

Deno.test("readParameters() reads parameters of every form", async (t) => {
  const cases: [text: string, parameter: Parameter][] = [
    ["a", { text: "a", name: "a", isOptional: false }],
    ["ä_$1", { text: "ä_$1", name: "ä_$1", isOptional: false }],
    ["a /* b, c */", { text: "a", name: "a", isOptional: false }],
    ["/* ( */ a = ')' // ,\n", { text: "a = ')'", name: "a", isOptional: true }],
    ["a = {\n  b: 1\n}", { text: "a = { b: 1 }", name: "a", isOptional: true }],
    ["a = (b, c) => [b, c]", { text: "a = (b, c) => [b, c]", name: "a", isOptional: true }],
    [
      'a = "a text of more than thirty characters"',
      { text: 'a = "a text of more than thirty...', name: "a", isOptional: true },
    ],
    ["{ a, b = 1 }", { text: "{ a, b = 1 }", keys: ["a", "b"], isOpen: false }],
    ["{ a: { b }, 'c-d': e }", { text: "{ a, c-d }", keys: ["a", "c-d"], isOpen: false }],
    ["{ a } = {}", { text: "{ a } = {}", keys: ["a"], isOpen: false, isOptional: true }],
    ["{ a, ...b }", { text: "{ a, ... }", keys: ["a"], isOpen: true }],
    ["{ [a]: b }", { text: "{ ... }", keys: [], isOpen: true }],
    ["{}", { text: "{}", keys: [], isOpen: false }],
    ["[a, b]", { text: "[a, b]", isOpen: false }],
    ["[a, b] = [1, 2]", { text: "[a, b] = [1, 2]", isOpen: false, isOptional: true }],
    ["...a", { text: "...a", isOpen: true }],
    ["...[a, b]", { text: "...[a, b]", isOpen: true }],
  ];
  for (const [text, parameter] of cases) {
    await t.step(text, async () => {
      assertEquals(await read(new Function(`return (${text}) => 1`)()), [parameter]);
      assertEquals(await read(new Function(`return async function (${text}) {}`)()), [parameter]);
    });
  }
});

Deno.test("readParameters() knows a function that reads its arguments by itself", async () => {
  const all = { text: "...arguments", isOpen: true };
  assertEquals(await read(new Function("return function () { return arguments; }")()), [all]);
  assertEquals(await read(new Function("return () => 'arguments'")()), []);
  const first = new Function("return function (a) { return arguments; }")();
  assertEquals(await read(first), [{ text: "a", name: "a", isOptional: false }]);
});

Deno.test("readParameters() calls a parameter optional when its types are unknown", async () => {
  const fn = (a: unknown, b = 1) => [a, b];
  const parameters = await readParameters(fn, "a program without the function");
  assertEquals(parameters?.map(({ text, isOptional }) => [text, isOptional]), [
    ["a?", true],
    ["b = 1", true],
  ]);
});
