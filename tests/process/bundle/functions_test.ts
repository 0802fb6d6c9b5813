/**
 * The functions that a program can call.
 *
 * @module
 */

import { bundleTask } from "../../../lib/bundle/build.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";
import { callIn, type Fn, load, locationIn, runProgram } from "./programs.ts";

Deno.test("bundleTask() builds a program that runs tasks without permissions", async () => {
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
  await t.step("of a file with special characters in its name", async () => {
    await using folder = await makeFolder(files);
    const location = { module: folder.url("with blank #1%.ts"), method: "task" };
    assertEquals((await load(await bundleTask(location)))(4), 8);
  });
});

Deno.test("bundleTask() spreads a list over the parameters, and keeps the marks of wrappers", async () => {
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
  const both = ["dl_jobs.wrapped", "dl_jobs.json_text"];
  assertEquals([marks(spread), marks(single)], [both, both]);
  const none = await load(await bundleTask({ ...location, method: "none" }, { spread: true }));
  assertEquals(none as unknown, 3);
});

Deno.test("bundleTask() accepts a function value", async () => {
  const program = await bundleTask(({ x }: { x: number }) => x * 2);
  assertEquals(await (await load(program))({ x: 4 }), 8);
  const error = await assertRejects(() => bundleTask(() => files), UsageError);
  assertEquals(
    error.message,
    'Cannot send the function to a worker: it uses "files" from the scope around it; ' +
      "pass files in the arguments or define it in the function, or put the function in a module " +
      "and name it",
  );
});
const files = 1;
