import { commonModule, isCommon } from "../../../../lib/bundle/imports/commonjs.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("isCommon() decides by the ending, the package and the text", async (t) => {
  await using folder = await makeFolder({
    "package.json": "{}",
    "common/package.json": '{ "type": "commonjs" }',
    "module/package.json": '{ "type": "module" }',
    "node_modules/plain/package.json": "{}",
    "node_modules/module/package.json": '{ "type": "module" }',
    "node_modules/broken/package.json": "{",
  });
  const cases: [name: string, path: string, text: string, expected: boolean][] = [
    ["a .cjs file", "module/b.cjs", "exports.a = 1;", true],
    ["a file without a type", "b.js", "exports.a = 1;", false],
    ["a file of type commonjs", "common/sub/b.js", "this.a = 1;", true],
    ["an ES module of type commonjs", "common/b.js", "export const exports = 1;", false],
    ["TypeScript of type commonjs", "common/b.ts", "exports.a = 1 as number;", true],
    ["an ES module in TypeScript of type commonjs", "common/b.ts", "export type A = 1;", false],
    ["await outside of functions", "common/b.ts", "globalThis.a = await 1;", false],
    ["await in CommonJS", "common/b.js", "exports.a = async () => await 1;", true],
    ["a file of type module", "module/b.js", "exports.a = 1;", false],
    ["a file of a package", "node_modules/plain/b.js", "module.exports = 1;", true],
    [
      "a word of ES modules",
      "node_modules/plain/b.js",
      "/*\nimport x from y\n*/exports.a = 1;",
      true,
    ],
    ["an import of CommonJS", "node_modules/plain/b.js", 'exports.a = import("b");', true],
    [
      "an ES module in one line",
      "node_modules/plain/b.js",
      "let t=exports;export{t as default};",
      false,
    ],
    ["import.meta", "node_modules/plain/b.js", "exports.a = import.meta.url;", false],
    ["a package of type module", "node_modules/module/b.js", "exports.a = 1;", false],
    ["a broken package.json", "node_modules/broken/b.js", "exports.a = 1;", true],
    ["a .cts file", "module/b.cts", 'import a = require("a");\nexport = a;', true],
    ["a .cts file with types", "b.cts", 'import type { A } from "a";\nexports.a = 1;', true],
    ["an ES module with the ending .cts", "b.cts", 'import a from "a";\nexport = a;', false],
    ["an .mjs file", "common/b.mjs", "exports;", false],
  ];
  for (const [name, path, text, expected] of cases) {
    await t.step(name, async () => {
      assertEquals(await isCommon(`${folder.path}/${path}`, text), expected);
    });
  }
});

Deno.test("commonModule() compiles only modules that are not strict", async (t) => {
  const cases: [name: string, text: string, expected: boolean][] = [
    ["no directive", "exports.a = 1;", true],
    ["a directive", '"use strict";\nexports.a = 1;', false],
    ["a directive below comments", "#!/bin/x\n// a\n/* b\n */ 'use strict'; exports.a = 1;", false],
    ["a directive in a comment", "// 'use strict'\nexports.a = 1;", true],
    ["many comments without a directive", `${"/* a */\n// b\n".repeat(10_000)}c;`, true],
    ["another use of require", '"use strict"; require.resolve("a");', true],
    ["another use of module", '"use strict"; module.id;', true],
    ["an import", '"use strict"; exports.a = import("b");', false],
    ["an import of a computed name", '"use strict"; exports.a = import(name);', true],
    ["no word of CommonJS", '"use strict"; a = 1;', true],
    ["a text that is not a directive", 'const a = "use strict";', true],
  ];
  for (const [name, text, expected] of cases) {
    const code = await commonModule(text, "file:///a/b.cjs");
    await t.step(name, () => assertEquals(code.includes("compileFunction"), expected));
  }
});
