import { withOwnNames } from "../../../../lib/bundle/build/own_names.ts";
import { assertEquals } from "../../../support/assert.ts";

const PURE = "/* @__PURE__ */";

Deno.test("withOwnNames() removes calls that do not change a name", async (t) => {
  const cases: [named: string, plain: string][] = [
    [`const a = ${PURE} __name(() => 1, "a");`, "const a = () => 1;"],
    [`f({ a: ${PURE} __name((x) => x, "a"), b });`, "f({ a: (x) => x, b });"],
    [`return (${PURE} __name(function a() {\n}, "a"));`, "return function a() {\n};"],
    [`(${PURE} __name((function a() {\n}), "a"))();`, "(function a() {\n})();"],
    [`__name(a, "a");\nfunction a() {\n}`, "function a() {\n}"],
    [`class A {\n  static {\n    __name(this, "A");\n  }\n}`, "class A {\n}"],
    [`const a = ${PURE} __name(() => ", \\"a\\")", "a");`, `const a = () => ", \\"a\\")";`],
    [`__name(a, "a");\n__name2(a, "a");\n`, `__name(a, "a");\n`],
  ];
  for (const [named, plain] of cases) {
    await t.step(plain, () => {
      const code = withOwnNames(named, plain);
      assertEquals(/__name\(/.test(code), false);
      assertEquals(code.split("\n").length, named.split("\n").length);
    });
  }
});

Deno.test("withOwnNames() names what the bundler has renamed, in the same column", async (t) => {
  const name = `, "name", { value: "a", configurable: true })`;
  const cases: [named: string, plain: string, expected: string][] = [
    [
      `const a2 = ${PURE} __name(() => 1, "a");`,
      "const a2 = () => 1;",
      `const a2 =  Object.defineProperty(() => 1${name};`,
    ],
    [`__name(a2, "a");\n`, "", `Object.defineProperty(a2${name};\n`],
    [
      `class A2 {\n  static {\n    __name(this, "a");\n  }\n}`,
      "class A2 {\n}",
      `class A2 {\n  static {\nObject.defineProperty(this${name};\n}\n}`,
    ],
  ];
  for (const [named, plain, expected] of cases) {
    await t.step(plain, () => assertEquals(withOwnNames(named, plain), expected));
  }
});

Deno.test("withOwnNames() leaves a program that differs in more than the names", () => {
  const named = `const a = ${PURE} __name(() => 1, "a");`;
  assertEquals(withOwnNames(named, "const b = () => 1;"), named);
  const own = `${named}\nvar Object = 1;`;
  assertEquals(withOwnNames(own, "const a = () => 1;\nvar Object = 1;"), own);
});
