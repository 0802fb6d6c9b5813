import {
  locate,
  locateModule,
  type LocateOptions,
} from "../../../../lib/bundle/function/resolve.ts";
import { UsageError } from "../../../../lib/util/errors.ts";

import { type Folder, makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";
import { useEnv } from "../../../../lib/util/env.ts";

const FILES = {
  "tiles.ts": "",
  "run/tiles.ts": "",
  "run/ndvi.ts": "",
  "run/deep/er/mean.ts": "",
  "work/only.js": "",
  "with blank/100% #1?.ts": "",
  "top.mjs": "",
};

/** A name, the options, and the module and the method that are found. */
type Case = [name: string, options: LocateOptions, module: string, method: string];

async function testLocated(t: Deno.TestContext, folder: Folder, cases: readonly Case[]) {
  for (const [name, options, module, method] of cases) {
    await t.step(`${name} with ${Deno.inspect(options)}`, async () => {
      const location = await locate(name, { cwd: folder.path, ...options });
      assertEquals(location, { module: folder.url(module), method });
    });
  }
}

Deno.test("locate() finds the module and the method of a name", async (t) => {
  await using folder = await makeFolder(FILES);
  await testLocated(t, folder, [
    ["tiles.mean", {}, "tiles.ts", "mean"],
    ["tiles.mean", { moduleDir: "run" }, "run/tiles.ts", "mean"],
    ["tiles.mean", { moduleDir: "run/" }, "run/tiles.ts", "mean"],
    ["tiles.mean", { moduleDir: `${folder.path}/run` }, "run/tiles.ts", "mean"],
    ["tiles.mean", { moduleDir: "./run" }, "run/tiles.ts", "mean"],
    ["top.mean", { moduleDir: "run" }, "top.mjs", "mean"],
    ["top.mean", { moduleDir: "nowhere" }, "top.mjs", "mean"],
    ["run.ndvi.mean", {}, "run/ndvi.ts", "mean"],
    ["deep.er.mean.of", { moduleDir: "run" }, "run/deep/er/mean.ts", "of"],
    ["tiles", { moduleDir: "run" }, "run/tiles.ts", "task"],
    ["tiles", { defaultMethod: "main" }, "tiles.ts", "main"],
    ["./run/tiles.ts#mean", {}, "run/tiles.ts", "mean"],
    ["run/tiles.ts#mean", { moduleDir: "elsewhere" }, "run/tiles.ts", "mean"],
    ["run/tiles.ts", { defaultMethod: "main" }, "run/tiles.ts", "main"],
    ["tiles.ts", {}, "tiles.ts", "task"],
    ["tiles.ts#", { defaultMethod: "main" }, "tiles.ts", "main"],
    ["./run/../tiles.ts#mean", {}, "tiles.ts", "mean"],
    [`${folder.path}/tiles.ts#default`, {}, "tiles.ts", "default"],
    [`${folder.url("tiles.ts")}#mean`, {}, "tiles.ts", "mean"],
    ["with blank/100% #1?.ts#mean", {}, "with blank/100% #1?.ts", "mean"],
    ["with blank/100% #1?.ts", {}, "with blank/100% #1?.ts", "task"],
    [`${folder.url("with blank/100% #1?.ts")}#mean`, {}, "with blank/100% #1?.ts", "mean"],
    ["work/only.js#a-b", {}, "work/only.js", "a-b"],
  ]);
});

Deno.test("locate() finds Python modules and packages", async (t) => {
  await using folder = await makeFolder({
    ...{ "tiles.py": "", "work/ndvi.py": "", "both.py": "", "both.ts": "" },
    ...{ "bands/__init__.py": "", "bands/red.py": "", "run/tiles.py": "" },
  });
  await testLocated(t, folder, [
    ["tiles.py#mean", {}, "tiles.py", "mean"],
    ["tiles.py", {}, "tiles.py", "task"],
    ["work/ndvi.py#mean", {}, "work/ndvi.py", "mean"],
    ["tiles.mean", {}, "tiles.py", "mean"],
    ["tiles.mean", { moduleDir: "run" }, "run/tiles.py", "mean"],
    ["work.ndvi.mean", {}, "work/ndvi.py", "mean"],
    ["bands.mean", {}, "bands/__init__.py", "mean"],
    ["bands.red.mean", {}, "bands/red.py", "mean"],
  ]);
  await t.step("but a TypeScript module first, with a note", async () => {
    const notes: string[] = [];
    const options = { cwd: folder.path, warn: (text: string) => notes.push(text) };
    assertEquals((await locate("both.mean", options)).module, folder.url("both.ts"));
    assertEquals(notes, [
      "both is both.ts, not the Python module both.py: write its path to run that one",
    ]);
  });
  await t.step("and tells when a path is that of the other language", async () => {
    await Deno.writeTextFile(`${folder.path}/only.ts`, "");
    const cases = [
      ["tiles.ts", "Python", "tiles.py"],
      ["only.py", "TypeScript or JavaScript", "only.ts"],
    ];
    for (const [name, language, other] of cases) {
      const error = await assertRejects(() => locate(name!, { cwd: folder.path }), UsageError);
      assertEquals(
        error.message,
        `Cannot find ${name}: no such file; there is the ${language} module ` +
          `${folder.path}/${other}, write that path to run it`,
      );
    }
  });
});

Deno.test("locate() tells the path of a module in Python that was named without its ending", async (t) => {
  await using folder = await makeFolder({
    "tiles.py": "",
    "bands/__init__.py": "",
    "bands/red.py": "",
  });
  const cases = [
    ["tiles#mean", "tiles", "tiles.py#mean"],
    ["./tiles.mean", "./tiles.mean", "./tiles.py#mean"],
    ["bands.red#mean", "bands.red", "bands/red.py#mean"],
    ["bands/red#mean", "bands/red", "bands/red.py#mean"],
    ["bands/red.mean", "bands/red.mean", "bands/red.py#mean"],
    ["bands/red", "bands/red", "bands/red.py"],
    ["bands#mean", "bands", "bands/__init__.py#mean"],
  ];
  for (const [name, address, path] of cases) {
    await t.step(name!, async () => {
      const { message } = await assertRejects(
        () => locate(name!, { cwd: folder.path }),
        UsageError,
      );
      assertEquals(message, `Cannot find ${address}: no such file; write ${path}`);
    });
  }
});

Deno.test("locate() returns a URL unchanged", async (t) => {
  const cases: [name: string, module: string, method: string][] = [
    ["https://example.org/ndvi.ts#mean", "https://example.org/ndvi.ts", "mean"],
    ["https://example.org/ndvi.ts", "https://example.org/ndvi.ts", "task"],
    ["http://localhost:8000/a%20b.ts?v=1#mean", "http://localhost:8000/a%20b.ts?v=1", "mean"],
    ["npm:zod@4#string", "npm:zod@4", "string"],
    ["jsr:@std/yaml#parse", "jsr:@std/yaml", "parse"],
  ];
  for (const [name, module, method] of cases) {
    await t.step(name, async () => assertEquals(await locate(name), { module, method }));
  }
});

Deno.test("locate() looks for each ending, TypeScript first", async () => {
  const endings = [".ts", ".js", ".mts", ".mjs", ".tsx", ".jsx", ".cts", ".cjs"];
  await using folder = await makeFolder();
  for (const ending of endings.toReversed()) {
    await folder.write(`tiles${ending}`, "");
    const { module } = await locate("tiles.mean", { cwd: folder.path });
    assertEquals(module, folder.url(`tiles${ending}`));
    assertEquals(await locateModule(`tiles${ending}`, { cwd: folder.path }), module);
  }
});

Deno.test("locate() looks in PROJECT_DIR last", async (t) => {
  await using folder = await makeFolder({
    "project 1/tiles.ts": "",
    "project 1/ndvi.ts": "",
    "here/tiles.ts": "",
    "here/run/tiles.ts": "",
  });
  const cwd = `${folder.path}/here`;
  for (const dir of [`${folder.path}/project 1`, "../project 1", "../project 1/"]) {
    await t.step(dir, async () => {
      using _ = useEnv({ PROJECT_DIR: dir });
      assertEquals(await locateModule("ndvi", { cwd }), folder.url("project 1/ndvi.ts"));
      assertEquals(await locateModule("tiles", { cwd }), folder.url("here/tiles.ts"));
      assertEquals(
        await locateModule("tiles", { cwd, moduleDir: "run" }),
        folder.url("here/run/tiles.ts"),
      );
    });
  }
});

Deno.test("locate() looks in a dotted module_dir, in the working directory and in PROJECT_DIR", async (t) => {
  await using folder = await makeFolder({
    "here/jobs/run/tiles.py": "",
    "here/jobs.old/tiles.ts": "",
    "project/jobs/run/ndvi.py": "",
  });
  const cwd = `${folder.path}/here`;
  using _ = useEnv({ PROJECT_DIR: "../project" });
  const cases: [moduleDir: string, name: string, file: string][] = [
    ["jobs.run", "tiles", "here/jobs/run/tiles.py"],
    ["jobs/run", "tiles", "here/jobs/run/tiles.py"],
    ["./jobs/run", "tiles", "here/jobs/run/tiles.py"],
    ["jobs.old", "tiles", "here/jobs.old/tiles.ts"],
    ["jobs.run", "ndvi", "project/jobs/run/ndvi.py"],
  ];
  for (const [moduleDir, name, file] of cases) {
    await t.step(`${moduleDir} ${name}`, async () => {
      assertEquals(await locateModule(name, { cwd, moduleDir }), folder.url(file));
    });
  }
});

Deno.test("locate() does not accept a folder as a module", async () => {
  await using folder = await makeFolder({ "tiles.ts/a.ts": "", "tiles.js": "" });
  assertEquals(await locateModule("tiles", { cwd: folder.path }), folder.url("tiles.js"));
});

Deno.test("locateModule() leaves the method out", async () => {
  await using folder = await makeFolder(FILES);
  const cwd = folder.path;
  assertEquals(await locateModule("run.tiles", { cwd }), folder.url("run/tiles.ts"));
  assertEquals(await locateModule("./run/tiles.ts#mean", { cwd }), folder.url("run/tiles.ts"));
});

Deno.test("locate() lists the names that exist for a wrong name, nearest first", async (t) => {
  await using folder = await makeFolder({
    ...FILES,
    "run/node_modules/zod/index.js": "",
    "run/.hidden/secret.ts": "",
    "run/.secret.ts": "",
    "run/tiles.js": "",
    "run/ndvi.ts": "const area = 1;\nexport async function size() {}\n",
    "work/only.js": "export const area = () => 1;\n",
    "run/tiles.test.ts": "",
    "run/types.d.ts": "",
    "run/readme.md": "",
    "run/a/b/c/too_deep.ts": "",
    "empty/readme.md": "",
  });
  const cases: [name: string, options: LocateOptions, message: string][] = [
    [
      "tils.mean",
      { moduleDir: "run" },
      'Cannot find module "tils" in ./run and .: the modules there are tiles, ndvi, deep.er.mean',
    ],
    [
      "size",
      { moduleDir: "run" },
      'Cannot find module "size" in ./run and .: did you mean the function ndvi.size?',
    ],
    [
      "area",
      { moduleDir: "nowhere" },
      'Cannot find module "area" in ./nowhere and .: did you mean the function work.only.area?',
    ],
    [
      "deep.mean.of",
      { moduleDir: "run" },
      'Cannot find module "deep.mean" in ./run and .: the modules there are deep.er.mean, tiles, ndvi',
    ],
    [
      "tip.mean",
      {},
      'Cannot find module "tip" in .: the modules there are top, tiles, run.tiles, run.ndvi, work.only',
    ],
    [
      "top1.mean",
      { moduleDir: "nowhere" },
      'Cannot find module "top1" in ./nowhere and .: the modules there are top, tiles, run.ndvi, run.tiles, ' +
      "work.only",
    ],
    [
      "tiles.mean",
      { cwd: `${folder.path}/empty` },
      'Cannot find module "tiles" in .: there are no modules; use a path such as ' +
      "./work/tiles.ts#mean",
    ],
    [
      "./run/tils.ts#mean",
      {},
      "Cannot find ./run/tils.ts: no such file; the modules there are ./run/tiles.ts, ./run/tiles.js, " +
      "./run/ndvi.ts, ./run/tiles.test.ts",
    ],
    [
      "tils.ts",
      {},
      "Cannot find tils.ts: no such file; the modules there are tiles.ts, top.mjs",
    ],
    [
      folder.url("run/ndvi.js"),
      {},
      `Cannot find ${folder.url("run/ndvi.js")}: no such file; the modules there are ${
        ["ndvi.ts", "tiles.js", "tiles.ts", "tiles.test.ts"]
          .map((name) => folder.url(`run/${name}`)).join(", ")
      }`,
    ],
    ["run/ndvi.mean", {}, "Cannot find run/ndvi.mean: no such file; write run/ndvi.ts#mean"],
    ["./run/ndvi#mean", {}, "Cannot find ./run/ndvi: no such file; write ./run/ndvi.ts#mean"],
    [
      "./run/ndvi.ts#Tile.mean",
      {},
      "Cannot call Tile.mean of ./run/ndvi.ts: only an exported function can be called, export one",
    ],
    ["./top", {}, "Cannot find ./top: no such file; write ./top.mjs"],
    [
      "./nowhere/tiles.ts#mean",
      {},
      "Cannot find ./nowhere/tiles.ts: no such file; there are no modules in that folder " +
      `(relative paths start at ${folder.path})`,
    ],
    [
      "./run",
      {},
      "Cannot find ./run: no such file; the modules there are ./top.mjs, ./tiles.ts",
    ],
  ];
  for (const [name, options, message] of cases) {
    await t.step(`${name} with ${Deno.inspect(options)}`, async () => {
      const find = () => locate(name, { cwd: folder.path, ...options });
      assertEquals((await assertRejects(find, UsageError)).message, message);
    });
  }
});

Deno.test("locate() refuses a method of a class in Python, which has no exports", async () => {
  await using folder = await makeFolder({ "tiles.py": "" });
  await assertRejects(
    () => locate("./tiles.py#Tile.mean", { cwd: folder.path }),
    UsageError,
    "Cannot call Tile.mean of ./tiles.py: only a function of the module can be called, define one",
  );
});
