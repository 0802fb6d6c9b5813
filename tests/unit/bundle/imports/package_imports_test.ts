import type { EsbuildHooks, OnResolveArgs, ResolveOptions } from "../../../../lib/deps.ts";
import { withBundler } from "../../../../lib/bundle/build/bundler.ts";
import { ENDINGS, PackageImports } from "../../../../lib/bundle/imports/package_imports.ts";
import { type Folder, makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";

type Kind = OnResolveArgs["kind"];

const PACKAGES = {
  "node_modules/one/package.json": '{ "name": "one", "imports": { "#x": "./a.js" } }',
  "node_modules/one/index.js": "",
  "node_modules/one/a.js": "",
  "node_modules/one/a/index.js": "",
  "node_modules/one/both.js": "",
  "node_modules/one/both.jsx": "",
  "node_modules/one/both.ts": "",
  "node_modules/one/only.ts": "",
  "node_modules/one/data.json": "{}",
  "node_modules/one/odd?name.js": "",
  "node_modules/one/folder/index.js": "",
  "node_modules/one/main/package.json": '{ "main": "./other.js" }',
  "node_modules/one/main/other.js": "",
  "node_modules/one/main/index.js": "",
  "node_modules/one/deep/er/b.js": "",
  "node_modules/one/nested/node_modules/two/index.js": "",
  "node_modules/one/nested/c.js": "",
  "node_modules/one/nested/in/d.js": "",
  "node_modules/two/index.js": "",
  "node_modules/two/part.js": "",
  "elsewhere/e.js": "",
  "elsewhere/e.ts": "",
  "package.json": "{}",
};

async function makePackages(): Promise<Folder> {
  const folder = await makeFolder(PACKAGES), one = `${folder.path}/node_modules/one`;
  await Deno.symlink("a.js", `${one}/link.js`);
  await Deno.symlink("b.js", `${one}/deep/er/noend`);
  await Deno.symlink("deep/er", `${one}/linked`);
  await Deno.symlink("../../elsewhere", `${one}/outside`);
  return folder;
}

/** Calls a function with the bundler's own resolution. */
async function withResolve(use: (resolve: EsbuildHooks["resolve"]) => Promise<void>) {
  await withBundler(async (esbuild) => {
    const setup = (build: EsbuildHooks) => build.onStart(() => use(build.resolve.bind(build)));
    await esbuild.build({
      stdin: { contents: "" },
      write: false,
      platform: "neutral",
      mainFields: ["main", "module"],
      resolveExtensions: ENDINGS,
      plugins: [{ name: "test", setup }],
    });
  });
}

const NAMES = [
  "./a.js",
  "./a",
  "./a/",
  "./a/index",
  "./b.js",
  "./both",
  "./only",
  "./only.js",
  "./data",
  "./data.json",
  "./odd?name.js",
  "./a.js?query",
  "./a.js#hash",
  "./folder",
  "./main",
  "./main/index.js",
  "./main/../a.js",
  ".//a.js",
  "./.",
  ".",
  "..",
  "../one/a.js",
  "../two/part",
  "./link.js",
  "./linked/b.js",
  "./linked/noend",
  "./linked/../a.js",
  "./outside/e",
  "./outside/e.js",
  "../../elsewhere/e",
  "./deep/er/b",
  "./none",
  "./none.js",
  "./none/a.js",
  "two",
  "two/part.js",
  "two/part",
  "three",
  "#x",
  "one",
];
const FOLDERS = ["one", "one/deep/er", "one/nested", "one/nested/in", "two"];

Deno.test("a PackageImports resolves each import as the bundler does", async () => {
  await using folder = await makePackages();
  await withResolve(async (resolve) => {
    for (const kind of ["import-statement", "require-call"] as const) {
      // An answer must not depend on what was resolved before.
      for (const places of [FOLDERS, FOLDERS.toReversed()]) {
        const imports = new PackageImports();
        for (const [place, name] of places.flatMap((at) => NAMES.map((name) => [at, name]))) {
          const asked = askIn(folder, place!, name!, kind), { path, ...options } = asked;
          const expected = await resolve(path, options as ResolveOptions);
          const found = await imports.resolve({ resolve }, asked);
          assertEquals(
            found && [found.path, found.namespace, found.suffix ?? "", found.sideEffects],
            expected.errors.length > 0
              ? undefined
              : [expected.path, expected.namespace, expected.suffix, true],
            `${kind} of ${name} in ${place}`,
          );
        }
      }
    }
  });
});

function askIn(folder: Folder, place: string, path: string, kind: Kind) {
  const resolveDir = `${folder.path}/node_modules/${place}`;
  return { path, kind, resolveDir, importer: `${resolveDir}/m.js`, namespace: "file", with: {} };
}

Deno.test("a PackageImports asks the bundler for no file, and once for a name", async () => {
  await using folder = await makePackages();
  const asked: string[] = [], imports = new PackageImports();
  const resolve: EsbuildHooks["resolve"] = (path) => {
    asked.push(path);
    return Promise.resolve({ path, errors: [], warnings: [], external: false } as never);
  };
  const names = ["./a.js", "./a", "../one/a.js", "./deep/er/b.js", "./folder", "./only", "two"];
  for (const kind of ["import-statement", "require-call"] as const) {
    for (const name of [...names, ...names]) {
      await imports.resolve({ resolve }, askIn(folder, "one", name, kind));
    }
    // The folders of a package have the same packages, unless one has its own.
    await imports.resolve({ resolve }, askIn(folder, "one/deep/er", "two", kind));
    await imports.resolve({ resolve }, askIn(folder, "one/nested/in", "two", kind));
    await imports.resolve({ resolve }, askIn(folder, "one/nested", "two", kind));
  }
  const once = ["./folder", "./only", "two", "two"];
  assertEquals(asked, [...once, ...once]);
});
