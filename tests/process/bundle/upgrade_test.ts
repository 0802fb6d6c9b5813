import { currentProgram } from "../../../lib/bundle/build/upgrade.ts";
import { bundleTask } from "../../../lib/bundle/build.ts";
import { localEngine } from "../../../lib/engines/local/local.ts";
import { toTasks } from "../../../lib/tasks/source.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertMatch } from "../../support/assert.ts";
import { Outcome, run } from "../../support/engine_rig.ts";

// Version 0.1.0 built this program. Its worker reads tasks from stdin and writes to stdout.
const EARLIER = new URL("../../testdata/bundle_0.1.0.js", import.meta.url);

Deno.test("currentProgram() gives the function of an earlier program today's worker", async () => {
  await using folder = await makeFolder({ "bundle.js": await Deno.readTextFile(EARLIER) });
  const bundle = await currentProgram(`${folder.path}/bundle.js`);
  assertEquals(bundle, `${folder.path}/bundle.upgraded.js`);
  const { results, failures } = await Outcome.of(
    run(localEngine, folder, toTasks([0, 1, 7, 3]), { bundle }),
  );
  assertEquals([...results].sort(([a], [b]) => a - b), [[0, 0], [1, 2], [3, 6]]);
  assertEquals(failures.map(({ event }) => [event.id, event.error.message]), [[2, "no seven"]]);
});

Deno.test("currentProgram() builds a program once, and only when it is an earlier one", async () => {
  const { code } = await bundleTask((x: number) => x);
  assertMatch(code, /^\/\/ dl_jobs worker protocol \d+\n/);
  await using folder = await makeFolder({
    "old.js": await Deno.readTextFile(EARLIER),
    "new.js": code,
  });
  assertEquals(await currentProgram(`${folder.path}/new.js`), `${folder.path}/new.js`);
  const upgraded = await currentProgram(`${folder.path}/old.js`),
    { mtime } = Deno.statSync(upgraded);
  assertEquals(await currentProgram(`${folder.path}/old.js`), upgraded);
  assertEquals(Deno.statSync(upgraded).mtime, mtime);
  assertEquals(await currentProgram(`${folder.path}/none.js`), `${folder.path}/none.js`);
});

Deno.test("currentProgram() keeps the code of a program that has the names of today's", async () => {
  const { code } = await bundleTask((x: number) => x * 2);
  const earlier = code.replace(/protocol \d+/, "protocol 0");
  await using folder = await makeFolder({ "bundle.js": earlier });
  const bundle = await currentProgram(`${folder.path}/bundle.js`);
  assertEquals(bundle, `${folder.path}/bundle.upgraded.js`);
  const { results, failures } = await Outcome.of(
    run(localEngine, folder, toTasks([0, 1]), { bundle }),
  );
  assertEquals([[...results].sort(([a], [b]) => a - b), failures], [[[0, 0], [1, 2]], []]);
});
