/**
 * The hash of a program, and the cache of programs.
 *
 * @module
 */

import { bundleTask } from "../../../lib/bundle/build.ts";
import { importMethod } from "../../../lib/bundle/import_method.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertNotEquals } from "../../support/assert.ts";
import { load, locationIn } from "./programs.ts";

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

Deno.test("a program is reused from the cache while its files are unchanged", async (t) => {
  await using folder = await makeFolder({
    "tiles.ts": 'import { factor } from "lib"; export const task = (x: number) => x * factor;',
    "factors/two.ts": "export const factor = 2;",
    "factors/three.ts": "export const factor = 3;",
    "deno.json": '{ "importMap": "./maps/ours.json" }',
    "maps/ours.json": '{ "imports": { "lib": "../factors/two.ts" } }',
    "query.ts": `export { factor } from "./factors/two.ts?v=2";`,
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
    ["a nearer configuration", "deno.jsonc", '{ "imports": { "lib": "./nope.ts" } }', 88],
    ["a module with a query", "deno.json", '{ "imports": { "lib": "./query.ts" } }', 88],
    ["that module", "factors/two.ts", "export const factor = 5;", 20],
  ];
  const first = await make();
  assertEquals(first.result, 8);
  assertEquals(await make(), first);
  for (const [name, file, text, result] of changes) {
    await t.step(`and built again when ${name} changes`, async () => {
      await folder.write(file, text);
      const changed = await make();
      assertEquals(changed.result, result);
      assertEquals(await make(), changed);
      assertEquals(changed.hash, (await bundleTask(location)).hash);
    });
  }
  await t.step("a broken program in the cache is built again", async () => {
    const last = await make();
    for await (const { name } of Deno.readDir(cache)) await Deno.truncate(`${cache}/${name}`);
    assertEquals(await make(), last);
  });
});

Deno.test("a run method is built once, and again when a module changes", async () => {
  await using folder = await makeFolder({
    "tiles.ts": 'import { factor } from "./factor.ts"; let calls = 0;\n' +
      "export const run = (x: number) => [x * factor, ++calls];",
    "factor.ts": "export const factor = 2;",
  });
  // A file that changed in the millisecond of the build is not kept.
  for (const name of ["tiles.ts", "factor.ts"]) Deno.utimeSync(`${folder.path}/${name}`, 1, 1);
  const cache = `${folder.path}/cache`, location = locationIn(folder, "tiles.ts#run");
  const names = () => Array.from(Deno.readDirSync(cache), ({ name }) => name).sort();
  const first = await importMethod(location, cache), built = names();
  assertEquals([first.method(4), first.method(4)], [[8, 1], [8, 2]]);
  const again = await importMethod(location, cache);
  assertEquals([again.method(4), again.program, names()], [[8, 1], first.program, built]);
  await folder.write("factor.ts", "export const factor = 33;");
  assertEquals((await importMethod(location, cache)).method(4), [132, 1]);
  // The task of a job is another program than the run method of the same name.
  assertEquals((await load(await bundleTask(location, { cache })))(4), [132, 1]);
  assertEquals((await importMethod(location, cache)).method(4), [132, 1]);
});

Deno.test("a program is built again when a folder below becomes another package", async (t) => {
  await using folder = await makeFolder({
    "m.ts": 'import "./lib/x.js"; import { y } from "./member/y.ts"; ' +
      "export const task = () => [globalThis.isStrict, y];",
    "deno.json": '{ "workspace": ["./member"] }',
    "lib/package.json": '{ "type": "commonjs" }',
    "lib/x.js": "globalThis.isStrict = (function () { return !this; })();",
    "member/deno.json": '{ "imports": { "z": "./one.ts" } }',
    "member/y.ts": 'export { z as y } from "z";',
    "member/one.ts": "export const z = 1;",
    "member/two.ts": "export const z = 2;",
  });
  const options = { cache: `${folder.path}/cache` };
  const call = async () => {
    return await (await load(await bundleTask(locationIn(folder, "m.ts"), options)))(0);
  };
  assertEquals(await call(), [false, 1]);
  await t.step("with other imports", async () => {
    await folder.write("member/deno.json", '{ "imports": { "z": "./two.ts" } }');
    assertEquals(await call(), [false, 2]);
  });
  await t.step("with another type", async () => {
    await folder.write("lib/package.json", '{ "type": "module" }');
    assertEquals(await call(), [true, 2]);
  });
});

Deno.test("a program is built again when a link leads to other files of the same size and time", async () => {
  await using folder = await makeFolder({
    "v1/m.ts": "export const task = () => 1;",
    "v2/m.ts": "export const task = () => 2;",
  });
  const location = locationIn(folder, "current/m.ts"), link = `${folder.path}/current`;
  for (const version of [1, 2, 1]) {
    await Deno.utime(`${folder.path}/v${version}/m.ts`, new Date(0), new Date(0));
    await Deno.remove(link).catch(() => {});
    await Deno.symlink(`v${version}`, link);
    const bundle = await bundleTask(location, { cache: `${folder.path}/cache` });
    assertEquals((await load(bundle))(4), version);
  }
});

Deno.test("programs can be built at the same time", async () => {
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

Deno.test("a program is built again when a new file matches a computed path", async () => {
  await using folder = await makeFolder({
    "m.ts": "export const task = async (n: string) => (await import(`./parts/${n}.ts`)).x;",
    "parts/a.ts": "export const x = 1;",
  });
  const location = locationIn(folder, "m.ts"), options = { cache: `${folder.path}/cache` };
  const call = async (name: string) =>
    await (await load(await bundleTask(location, options)))(name);
  assertEquals(await call("a"), 1);
  await folder.write("parts/b.ts", "export const x = 2;");
  assertEquals(await call("b"), 2);
});
