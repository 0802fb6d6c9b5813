/**
 * The library as a part of a program.
 *
 * @module
 */

import { Job } from "../../../lib/api/job.ts";
import { bundleTask } from "../../../lib/bundle/build.ts";
import type { Bundle } from "../../../lib/bundle/program/program.ts";
import { importMethod } from "../../../lib/bundle/import_method.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assert, assertEquals, assertStrictEquals } from "../../support/assert.ts";
import { makeDenoDir, serveProject } from "../../support/server.ts";
import { load, locationIn, runProgram, stackOf } from "./programs.ts";

const MOD = new URL("../../../mod.ts", import.meta.url);

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
      assertStrictEquals(get!.method(), Job);
      assertEquals((run!.method() as Job).options, { moduleName: "tiles", argsList: [1] });
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

Deno.test("a program contains only what the function needs", async (t) => {
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
    const parts: string[] = code.match(/(?<=^ *\/\/ .*\/lib\/).*\.ts$/gm) ?? [];
    assertEquals(
      parts.filter((part) => /^(job|api|config|bundle|engines|job_dir|cli)\//.test(part)),
      [],
    );
    assert(parts.includes("worker/main.ts"), `the parts are ${parts}`);
  });
  await t.step("except modules imported for their side effects", async () => {
    const { code } = await bundleTask(locationIn(folder, "effect.ts"));
    assertEquals(held(code), ["reflect-metadata"]);
    assertEquals(code.match(/^import .*$/gm), ['import "npm:reflect-metadata@0.2.2";']);
  });
});

Deno.test("a library loaded from a URL can build a program", async () => {
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

Deno.test("the private fields of the library stay private fields in a program, which are fast", async () => {
  await using folder = await makeFolder({ "task.ts": "export const same = (x: number) => x;\n" });
  const { code } = await bundleTask({ module: folder.url("task.ts"), method: "same" });
  assertEquals([code.includes("this.#"), /__private(?:Get|Add)|new WeakMap/.test(code)], [
    true,
    false,
  ]);
});
