import { findInPackages, isCommonFile } from "../../../../lib/bundle/imports/package_files.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";

const FILES = {
  "package.json": JSON.stringify({
    imports: { "#src/*": "./src/*", "#p": { browser: "./none.ts", default: "p/a" } },
  }),
  "src/m.ts": "",
  "src/n.ts": "",
  "node_modules/p/package.json": JSON.stringify({
    name: "p",
    exports: {
      ".": { types: "./none.js", default: "./i.js" },
      "./a": { node: { import: "./a.mjs" }, default: "./i.js" },
      "./a/*": { import: null, default: "./i.js" },
      "./a/*.js": "./b/*.cjs",
      "./up": "../q/main.js",
    },
  }),
  "node_modules/p/i.js": "",
  "node_modules/p/a.mjs": "",
  "node_modules/p/b/c/d.cjs": "",
  "node_modules/@us/q/package.json": `{ "name": "@us/q", "main": "lib", "type": "module" }`,
  "node_modules/@us/q/lib/index.js": "",
  "node_modules/broken/package.json": "{",
};

Deno.test("findInPackages() finds the file of a name by the rules of Node", async () => {
  await using folder = await makeFolder(FILES);
  const cases: [name: string, file: string | undefined][] = [
    ["p", "p/i.js"],
    ["p/a", "p/a.mjs"],
    ["p/a/x", undefined],
    ["p/a/c/d.js", "p/b/c/d.cjs"],
    ["p/up", undefined],
    ["p/i.js", undefined],
    ["@us/q", "@us/q/lib/index.js"],
    ["@us/q/lib/index.js", "@us/q/lib/index.js"],
    ["@us/q/lib", undefined],
    ["@us", undefined],
    ["broken", undefined],
    ["none", undefined],
    ["./p", undefined],
    ["node:fs", undefined],
    ["", undefined],
    ["#src/n.ts", "../src/n.ts"],
    ["#p", "p/a.mjs"],
    ["#none", undefined],
  ];
  for (const [name, file] of cases) {
    const url = file === undefined ? undefined : folder.url(`node_modules/${file}`);
    assertEquals(findInPackages(name, folder.url("src/m.ts")), url, name);
  }
  assertEquals(findInPackages("p", "https://example.org/m.ts"), undefined);
});

Deno.test("isCommonFile() knows the CommonJS modules of packages", async () => {
  await using folder = await makeFolder(FILES);
  const found = ["p/i.js", "p/a.mjs", "p/b/c/d.cjs", "p/bin/run", "@us/q/lib/index.js"]
    .map((file) => isCommonFile(folder.url(`node_modules/${file}`)));
  assertEquals(found, [true, false, true, true, false]);
  assertEquals(isCommonFile(folder.url("src/m.js")), false);
});
