import { Job } from "../../lib/api/job.ts";
import { bundleTask } from "../../lib/bundle/build.ts";
import type { Bundle } from "../../lib/bundle/program.ts";
import { importCode } from "../../lib/bundle/import_code.ts";
import { importMethod } from "../../lib/bundle/import_method.ts";
import type { FunctionRef } from "../../lib/job_dir/record.ts";
import { UsageError } from "../../lib/util/errors.ts";
import { toFileUrl } from "../../lib/util/paths.ts";
import { type Folder, makeFolder } from "../../tools/support/files.ts";
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
} from "../support/assert.ts";
import { makeDenoDir, serveProject } from "../support/server.ts";

// deno-lint-ignore no-explicit-any -- any function at all
type Fn = (...args: any[]) => unknown;

/** The function of a program, in this process. */
async function load({ code }: Bundle): Promise<Fn> {
  const program = await importCode(code) as { load(): Promise<{ default: Fn }> };
  return (await program.load()).default;
}

function locationIn(folder: Folder, name: string): FunctionRef {
  const [file, method = "task"] = name.split("#");
  return { module: folder.url(file!), method };
}

/** Returns the result of the function `file.ts#name` of some files, called as a task. */
async function callIn(files: Record<string, string>, name: string, arg?: unknown) {
  await using folder = await makeFolder(files);
  const method = await load(await bundleTask(locationIn(folder, name)));
  return await method(arg);
}

/** The message with which a bundle of some files is refused, with `DIR` for their folder. */
async function refusal(
  files: Record<string, string>,
  name: string,
  make: (location: FunctionRef) => Promise<unknown> = bundleTask,
): Promise<string> {
  await using folder = await makeFolder(files);
  const error = await assertRejects(() => make(locationIn(folder, name)), UsageError);
  return error.message.replaceAll(folder.path, "DIR");
}

/** Returns the events of some tasks, run by a program without permissions. */
async function runProgram(
  { code }: Bundle,
  args: readonly unknown[],
  ...options: string[]
): Promise<unknown[]> {
  await using folder = await makeFolder({ "bundle.js": code });
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-lock", "--no-prompt", `${folder.path}/bundle.js`, ...options],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const lines = args.map((arg) => JSON.stringify(arg) + "\n").join("");
  const output = process.output();
  // A program that ends at once reads nothing.
  await new Blob([lines]).stream().pipeTo(process.stdin).catch(() => {});
  return new TextDecoder().decode((await output).stdout).replaceAll("\x1e", "\n").split("\n")
    .filter((line) => /^\{"(id|broken)":/.test(line)).map((line) => JSON.parse(line))
    // How long it took is up to the machine.
    .map(({ ms: _, ...event }) => event);
}

/** The stack of a task that fails in a worker, line by line, with `DIR` for the folder. */
async function stackOf(bundle: Bundle, dir = "DIR"): Promise<string[]> {
  const lines = await runProgram(bundle, [1]) as { error?: { stack: string } }[];
  const stack = lines[0]?.error?.stack ?? "";
  return stack.replaceAll(toFileUrl(dir), "DIR").replaceAll(`file://${dir}`, "DIR").split("\n")
    .map((line) => line.trim());
}

Deno.test("bundleTask() builds a program that runs tasks by itself, with no permission", async () => {
  await using folder = await makeFolder({
    "tiles.ts": "export const mean = ({ x }: { x: number }): number => x / 2;",
  });
  const bundle = await bundleTask(locationIn(folder, "tiles.ts#mean"));
  assertEquals(await runProgram(bundle, [{ x: 1 }, { x: 4 }]), [
    { id: 0, result: 0.5 },
    { id: 1, result: 2 },
  ]);
});

Deno.test("bundleTask() calls every kind of export", async (t) => {
  const files = {
    "tiles.ts": `
      export const arrow = (x: number) => x * 2;
      export function declared(x: number): number { return x * 2; }
      export async function later(x: number) { return await x * 2; }
      const inner = (x: number) => x * 2;
      export { inner as outer, inner as "two times" };
      export { helper, default as helped } from "./helper.ts";
      export * from "./star.ts";
      class Tiles { static twice(x: number) { return x * 2; } }
      export const { twice } = Tiles;
      const factor = await Promise.resolve(2);
      export const awaited = (x: number) => x * factor;
      export default (x: number) => x * 2;`,
    "helper.ts": `
      export const helper = (x: number) => x * 2;
      export default helper;`,
    "star.ts": "export const star = (x: number) => x * 2;",
    "plain.js": "export const task = (x) => x * 2;",
    "module.mjs": "export const task = (x) => x * 2;",
    "module.mts": "export const task = (x: number) => x * 2;",
    "common.cjs": "exports.task = (x) => x * 2;",
    "with blank #1%.ts": 'export { helper as task } from "./helper.ts";',
  };
  const names = [
    ..."arrow declared later outer helper helped star twice awaited default".split(" ")
      .map((name) => `tiles.ts#${name}`),
    "tiles.ts#two times",
    "plain.js",
    "module.mjs",
    "module.mts",
    "common.cjs",
  ];
  for (const name of names) {
    await t.step(name, async () => assertEquals(await callIn(files, name, 4), 8));
  }
  await t.step("of a file with signs in its name", async () => {
    await using folder = await makeFolder(files);
    const location = { module: folder.url("with blank #1%.ts"), method: "task" };
    assertEquals((await load(await bundleTask(location)))(4), 8);
  });
});

Deno.test("bundleTask() spreads a list over the parameters, and keeps what marks a function", async () => {
  const files = {
    "tiles.ts": `
      import { asJson } from "dl_jobs";
      export const task = asJson((a: number, b: number) => ({ sum: a + b }));
      export const none = 3;`,
  };
  await using folder = await makeFolder(files);
  const location = locationIn(folder, "tiles.ts");
  const [spread, single] = [
    await load(await bundleTask(location, { spread: true })),
    await load(await bundleTask(location)),
  ];
  assertEquals(spread([1, 2]), '{"sum":3}');
  assertEquals(single([1, 2]), '{"sum":"1,2undefined"}');
  const marks = (method: Fn) =>
    Object.getOwnPropertySymbols(method).map((mark) => mark.description);
  assertEquals([marks(spread), marks(single)], [["dl_jobs.json_text"], ["dl_jobs.json_text"]]);
  const none = await load(await bundleTask({ ...location, method: "none" }, { spread: true }));
  assertEquals(none as unknown, 3);
});

Deno.test("bundleTask() takes a function itself", async () => {
  const program = await bundleTask(({ x }: { x: number }) => x * 2);
  assertEquals(await (await load(program))({ x: 4 }), 8);
  const error = await assertRejects(() => bundleTask(() => files), UsageError);
  assertEquals(
    error.message,
    'Cannot send the function to a worker: it takes "files" from around itself, ' +
      "pass files in the arguments, or put the function in a module and name it",
  );
});
const files = 1;

Deno.test("a stack names the user's own files and lines", async (t) => {
  const sources = {
    "tiles.ts": [
      'import { deep } from "./lib/deep.ts";',
      'import { view } from "./view.tsx";',
      "interface Tile { id: number }",
      "",
      "export function task(tile: Tile): number {",
      '  throw new RangeError("too far");',
      "}",
      "export const nested = (x: number) => deep(x);",
      "export const tsx = (x: number) => view(x);",
      "export async function later(x: number) {",
      "  await Promise.resolve();",
      "  return await nested(x);",
      "}",
    ].join("\n"),
    "lib/deep.ts": [
      "const here: string = import.meta.url;",
      "type Name = string;",
      "",
      "export function deep(x: number): number {",
      "  if (here && x) throw new RangeError(`too far`);",
      "  return x;",
      "}",
    ].join("\n"),
    "view.tsx": [
      "const React = { createElement: (tag: string) => tag };",
      "export function view(x: number) {",
      "  const tag = <b>bold</b>;",
      '  if (tag) throw new RangeError("too far");',
      "}",
    ].join("\n"),
    "with blank #1%/tiles.ts": [
      'import { deep } from "../lib/deep.ts";',
      "",
      "export const task = (x: number) => deep(x);",
    ].join("\n"),
  };
  await using folder = await makeFolder(sources);
  const cases: [name: string, location: FunctionRef, frames: string[]][] = [
    ["of a function", locationIn(folder, "tiles.ts"), ["at task (DIR/tiles.ts:6:9)"]],
    ["of a helper, below a line that is not its own", locationIn(folder, "tiles.ts#nested"), [
      "at deep (DIR/lib/deep.ts:5:24)",
      "at nested (DIR/tiles.ts:8:38)",
    ]],
    ["of TSX", locationIn(folder, "tiles.ts#tsx"), [
      "at view (DIR/view.tsx:4:18)",
      "at tsx (DIR/tiles.ts:9:35)",
    ]],
    ["of what was awaited", locationIn(folder, "tiles.ts#later"), [
      "at deep (DIR/lib/deep.ts:5:24)",
      "at nested (DIR/tiles.ts:8:38)",
      "at later (DIR/tiles.ts:12:16)",
    ]],
    [
      "of a file with signs in its name",
      { module: folder.url("with blank #1%/tiles.ts"), method: "task" },
      ["at deep (DIR/lib/deep.ts:5:24)", "at task (DIR/with blank #1%/tiles.ts:3:36)"],
    ],
  ];
  for (const [name, location, frames] of cases) {
    await t.step(name, async () => {
      assertEquals(await stackOf(await bundleTask(location), folder.path), [
        "RangeError: too far",
        ...frames,
      ]);
    });
  }
  await t.step("of a function that travels as its source", async () => {
    const stack = await stackOf(
      await bundleTask(function far() {
        throw new RangeError("too far");
      }),
    );
    assertEquals(stack, ["RangeError: too far", "at far (dl-jobs:user:2:13)"]);
  });
});

Deno.test("bundleTask() says what is wrong with the user's code", async (t) => {
  const cases: [name: string, files: Record<string, string>, method: string, message: string][] = [
    [
      "a syntax error",
      { "a.ts": "\nexport const task = ;" },
      "a.ts",
      'Cannot load DIR/a.ts:2:21: Unexpected ";"',
    ],
    [
      "a syntax error in a helper with signs in its name",
      { "a.ts": 'export * from "./b #1%.ts";', "b #1%.ts": "let 1;" },
      "a.ts",
      'Cannot load DIR/b #1%.ts:1:5: Expected ";" but found "1"',
    ],
    [
      "a file that is not there",
      { "a.ts": 'import "./b.ts";\nexport const task = 1;' },
      "a.ts",
      'Cannot load DIR/a.ts:1:8: Could not resolve "./b.ts", no such file',
    ],
    [
      "a name that resolves to nothing",
      { "a.ts": 'import { x } from "lodash";\nexport const task = x;' },
      "a.ts",
      'Cannot load DIR/a.ts:1:19: Could not resolve "lodash", ' +
      'add it to "imports" in deno.json or write it as npm:<name>',
    ],
    [
      "an export that is not there",
      { "a.ts": "export const tusk = 1, Task = 2, mean = 3; export default 4;" },
      "a.ts",
      'Cannot find "task" in DIR/a.ts: it exports Task, tusk, mean, default',
    ],
    [
      "no export at all",
      { "a.ts": "const task = 1;" },
      "a.ts",
      'Cannot find "task" in DIR/a.ts: it exports nothing',
    ],
    [
      "an export that is a type",
      { "a.ts": "export type task = () => number; export interface mean {}; export const x = 1;" },
      "a.ts",
      'Cannot find "task" in DIR/a.ts: it exports x',
    ],
    [
      "exports of other files",
      {
        "a.ts": 'export { mean } from "./b.ts"; export * from "./b.ts";',
        "b.ts": "export const mean = 1, median = 2;",
      },
      "a.ts#means",
      'Cannot find "means" in DIR/a.ts: it exports mean, median',
    ],
    [
      "a name that is not an identifier",
      { "a.ts": "export const task = 1;" },
      'a.ts#ta sk"',
      'Cannot find "ta sk\\"" in DIR/a.ts: it exports task',
    ],
    [
      "an import that a helper does not export",
      {
        "a.ts": 'import { b } from "./b.js";\nexport const task = () => b;',
        "b.js": "export const c = 1;",
      },
      "a.ts",
      'Cannot load DIR/a.ts:1:10: No matching export in "DIR/b.js" for import "b"',
    ],
    [
      "a broken helper where an export is missing, too",
      { "a.ts": 'import "./b.ts";', "b.ts": "let 1;" },
      "a.ts",
      'Cannot load DIR/b.ts:1:5: Expected ";" but found "1"',
    ],
    [
      "no such module",
      {},
      "a.ts",
      "Cannot load DIR/a.ts: No such file or directory (os error 2): readfile 'DIR/a.ts'",
    ],
    [
      "a broken configuration",
      { "a.ts": "export const task = 1;", "deno.json": '{ "imports": }' },
      "a.ts",
      'Cannot read DIR/deno.json: Cannot parse JSONC: unexpected token "}" in JSONC at position 13',
    ],
    [
      "an import map that is not there",
      { "a.ts": "export const task = 1;", "deno.json": '{ "importMap": "./maps/nope.json" }' },
      "a.ts",
      "Cannot read DIR/maps/nope.json: no such file, DIR/deno.json names it as its import map",
    ],
  ];
  for (const [name, files, method, message] of cases) {
    await t.step(name, async () => assertEquals(await refusal(files, method), message));
  }
});

Deno.test("bundleTask() says what a file with signs in its name exports", async () => {
  await using folder = await makeFolder({ "b #1%20.ts": "export const mean = 1;" });
  const location = { module: folder.url("b #1%20.ts"), method: "means" };
  const { message } = await assertRejects(() => bundleTask(location), UsageError);
  assertEquals(
    message,
    `Cannot find "means" in ${folder.path}/b #1%20.ts: it exports mean`,
  );
});

Deno.test("bundleTask() resolves names as the user's configuration says", async (t) => {
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

Deno.test("bundleTask() takes packages from a node_modules folder", async (t) => {
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
  assertEquals((await importMethod(location))(), expected);
});

const MOD = new URL("../../mod.ts", import.meta.url);

Deno.test("dl_jobs is the library that is running", async (t) => {
  await using folder = await makeFolder();
  const relative = "../".repeat(folder.path.split("/").length - 1) + MOD.pathname.slice(1);
  const source = (specifier: string) => `
    import { attempt, DLJob, Job } from ${JSON.stringify(specifier)};
    import { copyUpdate } from "dl_jobs";
    export const task = (x: number) => [x, copyUpdate({ a: 1 }, "b", x)];
    export const attempted = attempt(() => { throw new Error("bad"); });
    export const isJob = (job: unknown) => Job.isJob(job);
    export const run = () => new DLJob({ moduleName: "tiles", argsList: [1] });
    export const get = () => Job;`;
  await folder.write("bare.ts", source("dl_jobs"));
  await folder.write("relative.ts", source(relative));
  await folder.write("url.ts", source(MOD.href));
  await folder.write("mapped/tiles.ts", source("dl_jobs"));
  await folder.write("mapped/deno.json", '{ "imports": { "dl_jobs": "./nope.ts" } }');
  for (const file of ["bare.ts", "relative.ts", "url.ts", "mapped/tiles.ts"]) {
    await t.step(`in this process, from ${file}`, async () => {
      const [get, run] = await Promise.all(
        ["get", "run"].map((method) => importMethod(locationIn(folder, `${file}#${method}`))),
      );
      assertStrictEquals(get!(), Job);
      assertEquals((run!() as Job).options, { moduleName: "tiles", argsList: [1] });
    });
    await t.step(`as a part of a program, from ${file}`, async () => {
      const method = (name: string) => bundleTask(locationIn(folder, `${file}#${name}`));
      assertEquals(await runProgram(await method("task"), [3]), [
        { id: 0, result: [3, { a: 1, b: 3 }] },
      ]);
      const isJob = await load(await method("isJob"));
      const ours = new Job({ moduleName: "tiles" });
      assertEquals([isJob(ours), isJob({}), isJob(null)], [true, false, false]);
    });
  }
  await t.step("and its wrappers work there", async () => {
    const attempted = await load(await bundleTask(locationIn(folder, "bare.ts#attempted")));
    const { ERROR, type } = attempted() as Record<string, unknown>;
    assertEquals([ERROR, type], ["bad", "Error"]);
  });
});

Deno.test("a program holds only what the function needs", async (t) => {
  await using folder = await makeFolder({
    "tiles.ts": `
      import { Job } from "dl_jobs";
      import { inspect } from "npm:heavy@1.0.0";
      import heavier from "npm:heavier";
      import { spawn } from "node:child_process";
      import * as heaviest from "jsr:@heavy/est";
      import { listOf } from "./list.ts";
      import type { Tile } from "npm:types";
      export const task = (x: number) => x * 2;
      export const run = () =>
        new Job({ moduleName: "tiles", argsList: listOf(inspect, heavier, heaviest, spawn) as Tile[] });`,
    "list.ts": 'export const listOf = (...all: unknown[]) => ["only in the list", ...all];',
    "effect.ts": `
      import "npm:reflect-metadata@0.2.2";
      export { task } from "./tiles.ts";`,
  });
  const { code } = await bundleTask(locationIn(folder, "tiles.ts"));
  const held = (code: string) =>
    ["heavy", "heavier", "child_process", "reflect-metadata", "only in the list", "class Job"]
      .filter((word) => code.includes(word));
  await t.step("nothing of the run method", () => assertEquals(held(code), []));
  await t.step("nothing of the library but the worker", () => {
    const parts: string[] = code.match(/(?<=^\/\/ .*\/lib\/).*\.ts$/gm) ?? [];
    assertEquals(
      parts.filter((part) => /^(job|api|config|bundle|engines|job_dir|cli)\//.test(part)),
      [],
    );
    assert(parts.includes("worker/main.ts"), `the parts are ${parts}`);
  });
  await t.step("but what is imported for its effect", async () => {
    const { code } = await bundleTask(locationIn(folder, "effect.ts"));
    assertEquals(held(code), ["reflect-metadata"]);
    assertEquals(code.match(/^import .*$/gm), ['import "npm:reflect-metadata@0.2.2";']);
  });
});

Deno.test("the hash of a program changes with the code and with nothing else", async () => {
  const text = "export const task = (x: number) => x * 2;\nexport const other = 3;";
  await using folder = await makeFolder({
    "tiles.ts": text,
    "deno.json": "{}",
  });
  const location = locationIn(folder, "tiles.ts");
  const hash = async (target: Parameters<typeof bundleTask>[0], options = {}) =>
    (await bundleTask(target, options)).hash;
  const first = await hash(location);
  assertEquals(/^[\da-f]{16}$/.test(first), true);
  assertEquals(await hash(location), first);
  const cwd = Deno.cwd();
  Deno.chdir(folder.path);
  try {
    assertEquals(await hash(location), first);
  } finally {
    Deno.chdir(cwd);
  }
  assertNotEquals(await hash(location, { spread: true }), first);
  await folder.write("tiles.ts", text.replace("x * 2", "x * 3"));
  assertNotEquals(await hash(location), first);
  await folder.write("tiles.ts", `// a remark\n${text}`);
  assertEquals(await hash(location), first);
  assertEquals(await hash(() => 1), await hash(() => 1));
  assertNotEquals(await hash(() => 1), await hash(() => 2));
});

Deno.test("a program is taken from the cache as long as its files are the same", async (t) => {
  await using folder = await makeFolder({
    "tiles.ts": 'import { factor } from "lib"; export const task = (x: number) => x * factor;',
    "factors/two.ts": "export const factor = 2;",
    "factors/three.ts": "export const factor = 3;",
    "deno.json": '{ "importMap": "./maps/ours.json" }',
    "maps/ours.json": '{ "imports": { "lib": "../factors/two.ts" } }',
  });
  const cache = `${folder.path}/cache`;
  const location = locationIn(folder, "tiles.ts");
  const make = async () => {
    const bundle = await bundleTask(location, { cache });
    return { ...bundle, result: (await load(bundle))(4) };
  };
  const changes: [name: string, file: string, text: string, result: number][] = [
    ["a module", "factors/two.ts", "export const factor = 22;", 88],
    ["an import map", "maps/ours.json", '{ "imports": { "lib": "../factors/three.ts" } }', 12],
    ["the configuration", "deno.json", '{ "imports": { "lib": "./factors/two.ts" } }', 88],
  ];
  const first = await make();
  assertEquals(first.result, 8);
  assertEquals(await make(), first);
  for (const [name, file, text, result] of changes) {
    await t.step(`and made again when it is ${name} that changes`, async () => {
      await folder.write(file, text);
      const changed = await make();
      assertEquals(changed.result, result);
      assertEquals(await make(), changed);
      assertEquals(changed.hash, (await bundleTask(location)).hash);
    });
  }
  await t.step("and what is broken there is made again", async () => {
    const last = await make();
    for await (const { name } of Deno.readDir(cache)) await Deno.truncate(`${cache}/${name}`);
    assertEquals(await make(), last);
  });
});

Deno.test("programs can be made at the same time", async () => {
  await using folder = await makeFolder({
    "tiles.ts": "export const task = (x: number) => x * 2;",
  });
  const location = locationIn(folder, "tiles.ts");
  const nope = { ...location, method: "nope" };
  const outcomes = await Promise.allSettled(
    [location, nope, location, nope, location].map(async (target) =>
      (await bundleTask(target)).hash
    ),
  );
  const { hash } = await bundleTask(location);
  assertEquals(
    outcomes.map((outcome) => outcome.status === "fulfilled" ? outcome.value : outcome.reason.name),
    [hash, "UsageError", hash, "UsageError", hash],
  );
});

Deno.test("importMethod() says why a module cannot be used", async (t) => {
  const cases: [name: string, files: Record<string, string>, method: string, message: string][] = [
    [
      "it throws while it loads",
      {
        "a.ts": 'import { b } from "./b.ts";\nexport const task = () => b;',
        "b.ts":
          '\nconst fail = () => { throw new RangeError("no disk"); };\nexport const b = fail();',
      },
      "a.ts",
      [
        "Cannot load DIR/a.ts: RangeError: no disk",
        "    at fail (file://DIR/b.ts:2:28)",
        "    at file://DIR/b.ts:3:18",
      ].join("\n"),
    ],
    [
      "it throws something else",
      { "a.ts": 'throw "no disk";\nexport const task = 1;' },
      "a.ts",
      "Cannot load DIR/a.ts: no disk",
    ],
    [
      "its method is not a function",
      { "a.ts": "export const task = { a: 1 };" },
      "a.ts",
      'Cannot call "task" of DIR/a.ts: it is not a function',
    ],
    [
      "its method is not there",
      { "a.ts": "export const tasks = 1;" },
      "a.ts",
      'Cannot find "task" in DIR/a.ts: it exports tasks',
    ],
  ];
  for (const [name, files, method, message] of cases) {
    await t.step(name, async () => {
      assertEquals(await refusal(files, method, importMethod), message);
    });
  }
});

Deno.test("a worker says why a module cannot be used", async (t) => {
  const cases: [name: string, text: string, broken: unknown][] = [
    ["it throws while it loads", '\nthrow new RangeError("no disk");\nexport const task = 1;', {
      message: "no disk",
      type: "RangeError",
      class: "error",
      stack: "RangeError: no disk\n    at file://DIR/a.ts:2:7",
    }],
    ["it is rejected while it loads", 'await Promise.reject("no disk");\nexport const task = 1;', {
      message: "no disk",
      type: "string",
      class: "error",
    }],
    ["its method is not a function", "export const task = 1;", {
      message: "the export is not a function",
      type: "NoFunction",
      class: "error",
    }],
  ];
  for (const [name, text, broken] of cases) {
    await t.step(name, async () => {
      await using folder = await makeFolder({ "a.ts": text });
      const events = await runProgram(await bundleTask(locationIn(folder, "a.ts")), [1], "{}");
      const said = JSON.parse(JSON.stringify(events).replaceAll(folder.path, "DIR"));
      assertEquals(said, [{ broken }]);
    });
  }
});

Deno.test("a program can be made by a library that comes from a URL", async () => {
  await using server = serveProject();
  const { base } = server;
  await using folder = await makeFolder({
    "tiles.ts": `
      import { attempt } from "dl_jobs";
      import { copyUpdate } from "${base}/mod.ts";
      export const task = attempt((x: number) => {
        if (x === 1) throw new RangeError("too far");
        return copyUpdate({ a: 1 }, "b", x);
      });`,
    "script.ts": `
      import { bundleTask } from "${base}/lib/bundle/build.ts";
      const { code } = await bundleTask({ module: import.meta.resolve("./tiles.ts"), method: "task" });
      console.log(JSON.stringify({ code }));`,
  });
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-lock", `${folder.path}/script.ts`],
    env: { DENO_DIR: await makeDenoDir(`${folder.path}/cache`) },
    stdin: "null",
  }).output();
  const bundle = JSON.parse(new TextDecoder().decode(stdout)) as Bundle;
  assertEquals(await runProgram(bundle, [2]), [{ id: 0, result: { a: 1, b: 2 } }]);
  assertEquals(await stackOf(bundle, folder.path), [
    "RangeError: too far",
    "at DIR/tiles.ts:5:28",
  ]);
});
