import { hasRenamed, nameClasses } from "../../../../lib/bundle/build/names.ts";
import { assertEquals } from "../../../support/assert.ts";

/** Returns the map of a line in which the identifier at a column had another name. */
function renamedAt(column: number) {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef";
  const value = column * 2;
  const field = value < 32
    ? digits[value]!
    : `${"ghijklmnopqrstuvwxyz0123456789+/"[value % 32]}${digits[value >> 5]}`;
  return { sources: ["m.ts"], names: ["name"], mappings: `${field}AAAA` };
}

const NO_NAMES = { sources: [], names: [], mappings: "" };

Deno.test("hasRenamed() finds classes and functions with another name", async (t) => {
  const cases: [code: string, expected: boolean][] = [
    ["function load2() {}", true],
    ["async function* load2() {}", true],
    ["class load2 {}", true],
    ["load2 = class {};", true],
    ["const load2 = () => 1;", true],
    ["const load2 = async (x) => x;", true],
    ["let load2 = x => x;", true],
    ["const { load2 = () => 1 } = {};", true],
    ["const load2 = 1;", false],
    ["f(load2, class load {});", false],
    ["const x = load2 === function() {};", false],
  ];
  for (const [code, expected] of cases) {
    const map = renamedAt(code.indexOf("load2"));
    await t.step(code, async () => assertEquals(await hasRenamed(code, map), expected));
  }
});

Deno.test("hasRenamed() finds classes and functions without a name", async (t) => {
  const cases: [code: string, expected: boolean][] = [
    ["a_default = () => 1;", true],
    ["var a_default = class {};", true],
    ["function a_default() {}", true],
    ["var data_default = { a: 1 };", false],
    ["user_default = task;", false],
    ["Tile = class _Tile {\n};", false],
    ["Tile = class _Tile extends Base {\n};", false],
    ["Tile = class _Tile extends mixin({}) {\n};", true],
    ["_a = class {\n};", true],
    ["const Tile_a = class {\n};", false],
    ['__publicField(_Tile, "of", () => 1);', true],
    ['__publicField2(Tile, "of", function() {});', true],
    ['__publicField(_Tile, "size", 256);', false],
    ['__publicField(this, "of", () => 1);', false],
    ["function plain() {}", false],
  ];
  for (const [code, expected] of cases) {
    await t.step(code, async () => assertEquals(await hasRenamed(code, NO_NAMES), expected));
  }
});

Deno.test("nameClasses() names a class that refers to itself", () => {
  const make = (text: string) =>
    new Function(`let Tile, _Base = class {}; ${nameClasses(text)} return Tile;`)();
  assertEquals(make("Tile = class _Tile {\n};").name, "Tile");
  assertEquals(make("Tile = class _Tile extends _Base {\n};").name, "Tile");
  assertEquals(make("Tile = class _Tile {\nstatic name = 1;\n};").name, 1);
  assertEquals(make("Tile = class _Tile {\nstatic name() {}\n};").name.name, "name");
  const named = nameClasses("Tile = class _Tile {\n};");
  assertEquals(nameClasses(named), named);
});
