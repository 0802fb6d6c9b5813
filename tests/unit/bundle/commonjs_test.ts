import { commonModule, isCommon } from "../../../lib/bundle/commonjs.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("isCommon() finds CommonJS modules", async (t) => {
  const cases: [name: string, path: string, text: string, expected: boolean][] = [
    ["a .cjs file", "/a/b.cjs", "exports.a = 1;", true],
    ["a local .js file", "/a/b.js", "exports.a = 1;", false],
    ["a file of a package", "/node_modules/a/b.js", "module.exports = 1;", true],
    ["an ES module of a package", "/node_modules/a/b.js", "export const exports = 1;", false],
    ["an ES module that imports", "/node_modules/a/b.js", 'import "x";\nexports;', false],
    ["an .mjs file", "/node_modules/a/b.mjs", "exports;", false],
  ];
  for (const [name, path, text, expected] of cases) {
    await t.step(name, () => assertEquals(isCommon(path, text), expected));
  }
});

Deno.test("commonModule() compiles only modules that are not strict", async (t) => {
  const cases: [name: string, text: string, expected: boolean][] = [
    ["no directive", "exports.a = 1;", true],
    ["a directive", '"use strict";\nexports.a = 1;', false],
    ["a directive below comments", "#!/bin/x\n// a\n/* b\n */ 'use strict'", false],
    ["a directive in a comment", "// 'use strict'\nexports.a = 1;", true],
    ["many comments without a directive", `${"/* a */\n// b\n".repeat(10_000)}c;`, true],
    ["another use of require", '"use strict"; require.resolve("a");', true],
    ["another use of module", '"use strict"; module.id;', true],
    ["a text that is not a directive", 'const a = "use strict";', true],
  ];
  for (const [name, text, expected] of cases) {
    const code = commonModule(text, "file:///a/b.cjs");
    await t.step(name, () => assertEquals(code.includes("compileFunction"), expected));
  }
});
