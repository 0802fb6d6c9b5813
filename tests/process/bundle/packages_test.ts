/**
 * Packages, add-ons and constructs that a program cannot keep.
 *
 * @module
 */

import { bundleTask } from "../../../lib/bundle/build.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";
import { useEnv } from "../../../lib/util/env.ts";
import { cli, enterFolder } from "../../support/jobs.ts";
import { makeDenoDir, serveProject } from "../../support/server.ts";
import { load, locationIn } from "./programs.ts";

const lock = (ms: string) =>
  JSON.stringify({
    version: "5",
    specifiers: { "npm:ms@^2.1.0": ms },
    npm: { [`ms@${ms}`]: {} },
    workspace: { dependencies: ["npm:ms@^2.1.0"] },
  });

Deno.test("the lock file decides versions, also after it changes", async () => {
  await using _folder = await enterFolder({
    "m.ts": `import ms from "ms"; import pkg from "ms/package.json" with { type: "json" };
      export const task = () => [typeof ms, pkg.version];`,
    "deno.json": '{ "imports": { "ms": "npm:ms@^2.1.0" } }',
    "deno.lock": lock("2.1.1"),
  });
  const version = async () => (await cli(["map", "m.ts", "-q"], { input: "1\n" })).stdout;
  assertEquals(await version(), '["function","2.1.1"]\n');
  await Deno.writeTextFile("deno.lock", lock("2.1.2"));
  assertEquals(await version(), '["function","2.1.2"]\n');
});

Deno.test("a module from the network must be the one of the lock file", async () => {
  await using folder = await enterFolder({ "deno.json": "{}" });
  using _env = useEnv({ DENO_DIR: await makeDenoDir(`${folder.path}/deno`) });
  await using server = serveProject({ "a.ts": "export const a = 1;" });
  const url = `${server.base}/site/a.ts`;
  await folder.write("m.ts", `import { a } from "${url}"; export const task = () => a;`);
  await folder.write("deno.lock", JSON.stringify({ version: "5", remote: { [url]: "00" } }));
  const { code, stdout, stderr } = await cli(["map", "m.ts", "-q"], { input: "1\n" });
  assertEquals([code, stdout, stderr.split("\n")[0]], [
    2,
    "",
    "Error: Cannot load m.ts: Integrity check failed for remote specifier. " +
    "The source code is invalid, as it does not match the expected hash in the lock file.",
  ]);
});

Deno.test("a package that Deno has installed in node_modules is the one there", async () => {
  await using folder = await enterFolder({
    "m.ts": `import ms from "npm:ms@2.1.3"; import named from "ms/index.js";
      export const task = () => [ms("1m"), ms === named];`,
    "deno.json": '{ "nodeModulesDir": "auto", "imports": { "ms": "npm:ms@2.1.3" } }',
  });
  const args = ["install", "--quiet", "--entrypoint", "m.ts"];
  const { stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: folder.path }).output();
  const file = "node_modules/ms/index.js", errors = new TextDecoder().decode(stderr);
  // The file may be a link to the one in the cache.
  const patch = async (text: string) => {
    await Deno.remove(file);
    await Deno.writeTextFile(file, `module.exports = () => "${text}";`);
  };
  for (const text of ["patched", "again"]) {
    await patch(text);
    const { stdout } = await cli(["map", "m.ts", "-q"], { input: "1\n" });
    assertEquals(stdout, `["${text}",true]\n`, errors);
  }
});

Deno.test("a program states the versions of the packages that its packages need", async () => {
  await using folder = await makeFolder({
    "m.ts": `import debug from "npm:debug@4.3.4"; export const task = () => typeof debug;`,
    "none.ts":
      `import debug from "npm:debug@4.3.4"; export const task = () => 1, run = () => debug;`,
    "deno.json": "{}",
  });
  const pinned = async (file: string) =>
    (await bundleTask(locationIn(folder, file))).code.match(/import\("npm:[^"]*"\)/g);
  assertEquals(await pinned("m.ts"), ['import("npm:debug@4.3.4")', 'import("npm:ms@2.1.2")']);
  assertEquals(await pinned("none.ts"), null);
});

Deno.test("imports may name files as projects for Node do", async () => {
  await using folder = await makeFolder({
    "m.ts":
      `import { a } from "./lib/a.js"; import { b } from "./lib"; import { both } from "./both.js";
      export const task = async () => [a, b, both, (await import("./late.mjs")).late];`,
    "lib/a.ts": `import debug from "npm:debug@4.3.4"; export const a: string = typeof debug;`,
    "lib/index.ts": 'import { view } from "./view.jsx"; export const b: number = view;',
    "lib/view.tsx": "export const view: number = 1;",
    "both.js": 'export const both = "js";',
    "both.ts": 'export const both: string = "ts";',
    "late.mts": "export const late: number = 2;",
    "deno.json": "{}",
  });
  const bundle = await bundleTask(locationIn(folder, "m.ts"));
  assertEquals(await (await load(bundle))(), ["function", 1, "js", 2]);
  // The versions of the packages that such files need are known, too.
  assertEquals(bundle.code.includes('import("npm:ms@2.1.2")'), true);
});

Deno.test("a file that a function starts as a worker finds the packages of the project", async () => {
  await using _folder = await enterFolder({
    "package.json": '{ "dependencies": { "only-here": "1.0.0" } }',
    "node_modules/only-here/package.json": '{ "name": "only-here", "version": "1.0.0" }',
    "node_modules/only-here/index.js": "module.exports = (x) => x * 2;",
    "worker.mjs": `import double from "only-here";
      self.onmessage = ({ data }) => self.postMessage(double(data));`,
    "m.mjs": `export const task = (x) => new Promise((resolve) => {
        const worker = new Worker(new URL("./worker.mjs", import.meta.url), { type: "module" });
        worker.onmessage = ({ data }) => { worker.terminate(); resolve(data); };
        worker.postMessage(x);
      });`,
  });
  assertEquals((await cli(["map", "m.mjs", "-q"], { input: "4\n" })).stdout, "8\n");
});

Deno.test("a native add-on is required at run time, and cannot be imported", async (t) => {
  await using folder = await makeFolder({
    "imported.ts": `import addon from "./addon.node"; export const task = () => addon;`,
    "required.ts": `import { createRequire } from "node:module";
      const require = createRequire(import.meta.url);
      export const task = () => { try { return require("./addon.node"); } catch (error) { return (error as Error).message.includes("addon.node"); } };`,
    "addon.node": "not an add-on",
  });
  await t.step("imported", async () => {
    const { message } = await assertRejects(
      () => bundleTask(locationIn(folder, "imported.ts")),
      UsageError,
    );
    assertEquals(
      message,
      `Cannot load ${folder.path}/imported.ts:1:19: a native add-on cannot be imported; load it ` +
        "with createRequire(import.meta.url), or import its package through npm:",
    );
  });
  await t.step("required", async () => {
    const { stdout, stderr } = await cli(["map", `${folder.path}/required.ts`, "-q"], {
      input: "1\n",
    });
    assertEquals(stdout, "true\n", stderr);
  });
});

Deno.test("eval in a module is a warning, also from the cache", async () => {
  await using _folder = await enterFolder({
    "m.ts": `\nexport const task = (x: number) => eval("x + 1");`,
  });
  const warning = "Warning: m.ts:2:36: eval may see the names of other modules; " +
    "pass what it needs to new Function\n";
  for (const input of ["1\n", "2\n"]) {
    const { stdout, stderr } = await cli(["map", "m.ts", "-q"], { input });
    assertEquals([stdout, stderr], [`${Number(input) + 1}\n`, warning]);
  }
});

Deno.test("a warning gives the place in the user's file, not in its compiled text", async () => {
  await using _folder = await enterFolder({
    "m.ts": `interface Unused {
  a: 1;
}
class A {
  constructor(readonly x: number) {}
}
export const task = (x: number) => [new A(1), eval("x + 1")][1];`,
  });
  const { stderr } = await cli(["map", "m.ts", "-q"], { input: "1\n" });
  assertEquals(stderr.split(": eval")[0], "Warning: m.ts:7:47");
});

Deno.test("a function that is passed as a value keeps its name", async () => {
  await using _folder = await enterFolder({
    "s.ts": `import { Job } from ${JSON.stringify(import.meta.resolve("../../../mod.ts"))};
      const double = (x: number) => [x * 2, new Error().stack!.split("\\n")[1]!.trim().split(" ")[1]];
      const holder = { triple(x: number) { return [x * 3, new Error().stack!.split("\\n")[1]!.trim().split(" ")[1]]; } };
      for (const fn of [double, holder.triple]) {
        for await (const result of new Job({ fn, argsList: [1], noisy: false, log: false, groupedResults: true }).run()) console.log(JSON.stringify(result));
      }`,
  });
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", "s.ts"],
    env: { NO_COLOR: "1" },
  }).output();
  const said = new TextDecoder().decode(output.stdout);
  assertEquals(said, '[2,"double"]\n[3,"triple"]\n', new TextDecoder().decode(output.stderr));
});

Deno.test("import(name) finds a module of a package when only its own folder may be read", async () => {
  await using folder = await enterFolder({
    "m.ts": `export const task = async (name: string) =>
        [(await import("common/lib/" + name)).v, (await import("pack/" + name)).v];`,
    "node_modules/common/package.json": '{ "name": "common" }',
    "node_modules/common/lib/a.js": "exports.v = 1;",
    "node_modules/pack/package.json": '{ "name": "pack", "type": "module" }',
    "node_modules/pack/a.js": "export const v = 2;",
  });
  const args = ["map", "m.ts", "-q", "--permissions", `read=${folder.path}`, ":::", "a.js"];
  const { stdout, stderr } = await cli(args);
  assertEquals([stdout, stderr], ["[1,2]\n", ""]);
});
