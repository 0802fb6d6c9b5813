import { isSloppy } from "../../../lib/bundle/commonjs.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("isSloppy() finds CommonJS modules that are not strict", async (t) => {
  const cases: [name: string, path: string, text: string, expected: boolean][] = [
    ["a .cjs file", "/a/b.cjs", "exports.a = 1;", true],
    ["a strict one", "/a/b.cjs", '"use strict";\nexports.a = 1;', false],
    ["a strict one below comments", "/a/b.cjs", "#!/bin/x\n// a\n/* b\n */ 'use strict'", false],
    ["a text that is not a directive", "/a/b.cjs", 'const a = "use strict";', true],
    ["a local .js file", "/a/b.js", "exports.a = 1;", false],
    ["a file of a package", "/node_modules/a/b.js", "module.exports = 1;", true],
    ["an ES module of a package", "/node_modules/a/b.js", "export const exports = 1;", false],
    ["an ES module that imports", "/node_modules/a/b.js", 'import "x";\nexports;', false],
    ["an .mjs file", "/node_modules/a/b.mjs", "exports;", false],
  ];
  for (const [name, path, text, expected] of cases) {
    await t.step(name, () => assertEquals(isSloppy(path, text), expected));
  }
});
