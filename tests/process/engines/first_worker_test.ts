/**
 * The worker that starts while the job's folder is created.
 *
 * @module
 */

import { FirstWorker } from "../../../lib/engines/local/first_worker.ts";
import { localEngine } from "../../../lib/engines/local/local.ts";
import { bundleTask } from "../../../lib/bundle/build.ts";
import { exists } from "../../../lib/util/files/fs.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { within } from "../../../tools/support/until.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { contextIn } from "../../support/engine_rig.ts";

const TASK = `Deno.writeTextFileSync(new URL("loaded", import.meta.url), "");
export const same = (x) => x;`;

async function rig() {
  const folder = await makeFolder({ "tasks.js": TASK });
  const { code } = await bundleTask({ module: folder.url("tasks.js"), method: "same" });
  await folder.write("bundle.js", code);
  const context = contextIn(folder);
  return { folder, context, hasLoaded: () => exists(`${folder.path}/loaded`) };
}

Deno.test("FirstWorker ends a process that nothing has taken, which has loaded no user code", async () => {
  const { folder, context, hasLoaded } = await rig();
  await using _folder = folder;
  const first = new FirstWorker(context), taken = first.take({ timeout: 1000 });
  assertEquals(taken, undefined, "it has no limit");
  await within(first[Symbol.asyncDispose](), "the end of the worker");
  assertEquals(hasLoaded(), false);
});

Deno.test("FirstWorker gives its process to one worker, which begins to load user code", async () => {
  const { folder, context, hasLoaded } = await rig();
  await using _folder = folder;
  await using first = new FirstWorker(context);
  const process = first.take({})!;
  assertEquals(first.take({}), undefined);
  assertEquals(hasLoaded(), false);
  process.begin();
  const channel = (await within(process.channel, "the channel"))!;
  await channel.end();
  const { success } = await within(process.status, "the end of the worker");
  await process.drain(Promise.resolve());
  assert(success && hasLoaded(), process.stderr);
});

Deno.test("The engine starts no worker early whose GPUs or sandbox are not known", async () => {
  const { folder, context } = await rig();
  await using _folder = folder;
  assertEquals(localEngine.prepare!({ ...context, gpus: 1 }), undefined);
  assertEquals(localEngine.prepare!({ ...context, isSandboxed: true }), undefined);
  assertEquals(exists(context.files), false);
});
