/**
 * The imports that a program resolves, and the files that it loads.
 *
 * @module
 */

import { bundleTask } from "../../../lib/bundle/build.ts";
import { importMethod } from "../../../lib/bundle/import_method.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";
import { callIn, locationIn, runProgram } from "./programs.ts";

Deno.test("bundleTask() resolves imports with the user's configuration", async (t) => {
  const helper = "export const task = (x: number) => x * 2;";
  const use = (name: string) => `export { task } from ${JSON.stringify(name)};`;
  const cases: [name: string, files: Record<string, string>][] = [
    ["imports of deno.json", {
      "a.ts": use("helper"),
      "deno.json": '{ "imports": { "helper": "./lib/helper.ts" } }',
      "lib/helper.ts": helper,
    }],
    ["deno.jsonc with comments", {
      "a.ts": use("helper"),
      "deno.jsonc": '{\n// ours\n"imports": { "helper": "./lib/helper.ts", }, }',
      "lib/helper.ts": helper,
    }],
    ["a configuration above", {
      "sub/folder/a.ts": use("helper"),
      "deno.json": '{ "imports": { "helper": "./lib/helper.ts" } }',
      "lib/helper.ts": helper,
    }],
    ["the nearest of two", {
      "sub/a.ts": use("helper"),
      "sub/deno.json": '{ "imports": { "helper": "./helper.ts" } }',
      "sub/helper.ts": helper,
      "deno.json": '{ "imports": { "helper": "./nope.ts" } }',
    }],
    ["a folder", {
      "a.ts": use("lib/helper.ts"),
      "deno.json": '{ "imports": { "lib/": "./src/lib/" } }',
      "src/lib/helper.ts": helper,
    }],
    ["a sign for a folder", {
      "a.ts": use("@/helper.ts"),
      "deno.json": '{ "imports": { "@/": "./src/" } }',
      "src/helper.ts": helper,
    }],
    ["the root", {
      "a.ts": use("/helper.ts"),
      "deno.json": '{ "imports": { "/": "./src/" } }',
      "src/helper.ts": helper,
    }],
    ["scopes", {
      "a.ts": use("./sub/b.ts"),
      "sub/b.ts": use("helper"),
      "deno.json": JSON.stringify({
        imports: { helper: "./nope.ts" },
        scopes: { "./sub/": { helper: "./helper.ts" } },
      }),
      "helper.ts": helper,
    }],
    ["an import map in another folder", {
      "a.ts": use("helper"),
      "deno.json": '{ "importMap": "./maps/ours.json" }',
      "maps/ours.json": '{ "imports": { "helper": "../helper.ts" } }',
      "helper.ts": helper,
    }],
    ["imports before an import map", {
      "a.ts": use("helper"),
      "deno.json": '{ "importMap": "./nope.json", "imports": { "helper": "./helper.ts" } }',
      "helper.ts": helper,
    }],
    ["an import_map.json by itself", {
      "a.ts": use("helper"),
      "import_map.json": '{ "imports": { "helper": "./helper.ts" } }',
      "helper.ts": helper,
    }],
    ["a name of Node that the user has taken", {
      "a.ts": use("fs"),
      "deno.json": '{ "imports": { "fs": "./helper.ts" } }',
      "helper.ts": helper,
    }],
    ["files with signs in their names", {
      "a.ts": use("helper"),
      "deno.json": '{ "imports": { "helper": "./b%20%23.ts" } }',
      "b #.ts": use("./c d.ts"),
      "c d.ts": use("./e%20f.ts"),
      "e f.ts": helper,
    }],
  ];
  for (const [name, files] of cases) {
    await t.step(name, async () => {
      const file = Object.keys(files)[0]!;
      assertEquals(await callIn(files, file, 4), 8);
    });
  }
});

Deno.test("bundleTask() loads what Deno can load", async (t) => {
  const cases: [name: string, files: Record<string, string>, expected: unknown][] = [
    ["a module of Node", {
      "a.ts": 'import { basename } from "node:path";\nexport const task = () => basename("/a/b");',
    }, "b"],
    ["a module of Node by its bare name", {
      "a.ts": 'import { basename } from "path";\nexport const task = () => basename("/a/b");',
    }, "b"],
    ["JSON", {
      "a.ts": [
        'import data from "./data.json" with { type: "json" };',
        "export const task = () => data;",
      ].join("\n"),
      "data.json": '{ "a": [1] }',
    }, { a: [1] }],
    ["a module at run time", {
      "a.ts": 'export const task = async () => (await import("./b.ts")).b;',
      "b.ts": "export const b = 3;",
    }, 3],
    ["modules that need each other", {
      "a.ts": 'import { b } from "./b.ts";\nexport const one = 1;\nexport const task = () => b();',
      "b.ts": 'import { one } from "./a.ts";\nexport const b = () => one + 1;',
    }, 2],
    ["a package of npm", {
      "a.ts":
        'import { tokTypes } from "npm:acorn@8.19.0";\nexport const task = () => tokTypes.num.label;',
    }, "num"],
    ["a package of npm by the name in deno.json", {
      "a.ts": 'import { tokTypes } from "acorn";\nexport const task = () => tokTypes.num.label;',
      "deno.json": '{ "imports": { "acorn": "npm:acorn@8.19.0" } }',
    }, "num"],
    ["a part of such a package", {
      "a.ts": [
        'import { version } from "acorn/package.json" with { type: "json" };',
        'import pkg from "acorn/package.json" with { type: "json" };',
        "export const task = () => pkg.version;",
      ].slice(1).join("\n"),
      "deno.json": '{ "imports": { "acorn": "npm:acorn@8.19.0" } }',
    }, "8.19.0"],
    ["a decorator of TypeScript 5", {
      "a.ts": `
        const twice = (method: () => number, _: unknown) => () => method() * 2;
        class Tiles { @twice static one() { return 1; } }
        export const task = Tiles.one;`,
    }, 2],
    ["a decorator of before, where it is asked for", {
      "a.ts": `
        const twice = (_: unknown, __: string, property: PropertyDescriptor) => {
          const method = property.value;
          return { ...property, value: () => method() * 2 };
        };
        class Tiles { @twice static one() { return 1; } }
        export const task = Tiles.one;`,
      "deno.json": '{ "compilerOptions": { "experimentalDecorators": true } }',
    }, 2],
    ["using", {
      "a.ts": `
        export const task = () => {
          const said: string[] = [];
          { using _ = { [Symbol.dispose]: () => void said.push("closed") }; }
          return said;
        };`,
    }, ["closed"]],
    ["JSX with its own factory", {
      "a.tsx": `
        const h = (tag: string, _: unknown, ...inside: unknown[]) => [tag, ...inside];
        export const task = () => <b>bold</b>;`,
      "deno.json": '{ "compilerOptions": { "jsx": "react", "jsxFactory": "h" } }',
    }, ["b", "bold"]],
    ["JSX of a library", {
      "a.tsx": "export const task = () => <b>bold</b>;",
      "deno.json": JSON.stringify({
        imports: { "ours/jsx-runtime": "./jsx.ts" },
        compilerOptions: { jsx: "precompile", jsxImportSource: "ours" },
      }),
      "jsx.ts": "export const jsx = (tag: string, { children }: any) => [tag, children];",
    }, ["b", "bold"]],
    ["a type that is imported like a value", {
      "a.ts": 'import { Tile } from "./b.ts";\nexport const task = () => ({ id: 1 }) as Tile;',
      "b.ts": "export interface Tile { id: number }",
    }, { id: 1 }],
    [
      "a hashbang",
      { "a.ts": "#!/usr/bin/env deno\nexport const task = () => import.meta.main;" },
      false,
    ],
  ];
  for (const [name, files, expected] of cases) {
    await t.step(name, async () => {
      const file = Object.keys(files)[0]!;
      assertEquals(await callIn(files, file), expected);
    });
  }
});

Deno.test("bundleTask() resolves packages from a node_modules folder", async (t) => {
  const files = {
    "a.ts": `
      import common from "common";
      import { esm } from "esm";
      import both from "both";
      import where from "where";
      import { inner } from "esm/inner";
      export const task = () => ({ ...common, esm, both, where, inner });`,
    "node_modules/common/package.json": '{ "name": "common", "main": "lib" }',
    "node_modules/common/lib/index.js": `"use strict";
      const fs = require("fs"), path = require("node:path");
      const both = require("both");
      let missing = "there";
      try { require("nowhere") } catch { missing = "not there" }
      module.exports = { own: fs.existsSync(__filename), folder: path.basename(__dirname), required: both(), missing };`,
    "node_modules/both/package.json": JSON.stringify({
      name: "both",
      exports: { import: "./esm.mjs", require: "./common.js" },
    }),
    "node_modules/both/esm.mjs": 'export default () => "esm";',
    "node_modules/both/common.js": 'module.exports = () => "common";',
    "node_modules/esm/package.json": JSON.stringify({
      name: "esm",
      type: "module",
      exports: { ".": "./index.js", "./inner": "./inner.js" },
    }),
    "node_modules/esm/index.js":
      'import { sep } from "path"; import both from "both"; export const esm = sep + both();',
    "node_modules/esm/inner.js": "export const inner = import.meta.filename.split(`/`).at(-1);",
    "node_modules/where/package.json": JSON.stringify({
      name: "where",
      exports: { browser: "./browser.js", deno: "./deno.js", default: "./default.js" },
    }),
    "node_modules/where/deno.js": 'module.exports = "deno";',
  };
  await t.step("of both kinds", async () => {
    const { both, ...rest } = await callIn(files, "a.ts") as Record<string, unknown>;
    assertEquals((both as () => string)(), "esm");
    assertEquals(rest, {
      own: true,
      folder: "lib",
      required: "common",
      missing: "not there",
      esm: "/esm",
      where: "deno",
      inner: "inner.js",
    });
  });
});

Deno.test("import.meta of each module stays its own", async () => {
  await using folder = await makeFolder({
    "tiles.ts": `
      import { helper } from "./sub/with blank #1%.ts";
      const { url, dirname } = import.meta;
      const meta = { url, dirname, filename: import.meta.filename, main: import.meta.main,
        resolved: import.meta.resolve("./data.json") };
      if (import.meta.main) throw new Error("it is not the program");
      export const task = () => [meta, helper()];`,
    "sub/with blank #1%.ts": [
      "export const helper = () => ({",
      "  url: import.meta.url,",
      '  dirname: import.meta["dirname"],',
      "  filename: import.meta.filename,",
      "  main: import.meta.main,",
      '  resolved: import.meta.resolve("../tiles.ts"),',
      "});",
    ].join("\n"),
  });
  const expected = [{
    url: folder.url("tiles.ts"),
    dirname: folder.path,
    filename: `${folder.path}/tiles.ts`,
    main: false,
    resolved: folder.url("data.json"),
  }, {
    url: folder.url("sub/with blank #1%.ts"),
    dirname: `${folder.path}/sub`,
    filename: `${folder.path}/sub/with blank #1%.ts`,
    main: false,
    resolved: folder.url("tiles.ts"),
  }];
  const location = locationIn(folder, "tiles.ts");
  const bundle = await bundleTask(location);
  assertEquals(await runProgram(bundle, [1]), [{ id: 0, result: expected }]);
  assertEquals((await importMethod(location)).method(), expected);
});
