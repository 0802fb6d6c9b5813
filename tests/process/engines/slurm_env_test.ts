/**
 * The environment variables and the working folder of array tasks, without a cluster: the program of
 * an array task runs on this machine, in the environment that Slurm gives it.
 *
 * @module
 */

import { bundleFarSide, bundleTask } from "../../../lib/bundle/build.ts";
import {
  type ArraySettings,
  arraySettings,
  arrayTaskFiles,
  jobArrays,
  removeEnv,
  writeEnv,
  writeSlices,
} from "../../../lib/engines/slurm/job_array.ts";
import { toTasks } from "../../../lib/tasks/source.ts";
import type { EngineContext } from "../../../lib/engines/engine.ts";
import { exists } from "../../../lib/util/files/fs.ts";
import { type Folder, makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";

const SECRET = "s3cret-of-the-array";

/** Runs the only array task of an array, and returns the lines of its events. */
async function runArray(
  folder: Folder,
  changes: Partial<ArraySettings>,
  workingFolder?: string,
  code = 0,
): Promise<{ events: string; record: string }> {
  const cache = `${folder.path}/cache`;
  const task = (x: number) => {
    console.log(Deno.env.get("TOKEN"));
    if (x === 1) throw new Error(`refused ${Deno.env.get("TOKEN")}`);
    return [Deno.env.get("TOKEN")?.length ?? null, Deno.env.get("LEVEL") ?? null];
  };
  await folder.write("bundle.js", (await bundleTask(task)).code);
  await folder.write("slurm/element.js", (await bundleFarSide("slurm/on_node", cache)).code);
  const arrays = jobArrays(folder.path), dir = `${arrays.folder}/0`;
  const elements = await writeSlices(dir, [await Array.fromAsync(toTasks([0, 1]))]);
  const context = {
    bundle: `${folder.path}/bundle.js`,
    concurrency: 1,
    env: { TOKEN: SECRET },
    permissions: ["--allow-env"],
    gpus: 0,
  } as unknown as EngineContext;
  const settings = { ...arraySettings(context, 1, undefined), ...changes };
  arrays.write(dir, { name: "x", settings, workingFolder, elements });
  const ended = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${arrays.folder}/element.js`, JSON.stringify({ wave: dir })],
    env: { SLURM_ARRAY_TASK_ID: "0" },
    stderr: "piped",
  }).output();
  assertEquals(ended.code, code, new TextDecoder().decode(ended.stderr));
  return {
    events: await Deno.readTextFile(arrayTaskFiles(dir, 0).events),
    record: await Deno.readTextFile(`${dir}/wave.json`),
  };
}

Deno.test("an array task reads its variables from a private file, and masks their values", async () => {
  await using folder = await makeFolder();
  const { folder: arrays } = jobArrays(folder.path);
  await Deno.mkdir(arrays, { recursive: true });
  writeEnv(arrays, { TOKEN: SECRET, LEVEL: "low" });
  assertEquals(Deno.statSync(`${arrays}/env.json`).mode! & 0o777, 0o600);
  const { events, record } = await runArray(folder, {});
  assertEquals(events.includes(`"result":[${SECRET.length},"low"]`), true, events);
  assertEquals([events.includes(SECRET), record.includes(SECRET)], [false, false]);
  assertEquals(events.includes("refused ***"), true, events);
  removeEnv(arrays);
  assertEquals(exists(`${arrays}/env.json`), false);
});

Deno.test("an array task of version 0.1.0 reads its variables from the array's record", async () => {
  await using folder = await makeFolder();
  const { events } = await runArray(folder, { env: { TOKEN: "old-token", LEVEL: "high" } });
  assertEquals(events.includes('"result":[9,"high"]'), true, events);
});

Deno.test("an array task that was given up runs no task when Slurm starts it again", async () => {
  await using folder = await makeFolder({ "slurm/0/canceled.0": "" });
  const { events } = await runArray(folder, {}, undefined, 143);
  assertEquals([events.includes('"terminated"'), events.includes('"result"')], [true, false]);
});

Deno.test("an array task runs no task in another folder than the one that the user sets", async () => {
  await using folder = await makeFolder({ "there/x": "" });
  const lost = `${folder.path}/lost`, there = `${folder.path}/there`;
  await Deno.mkdir(jobArrays(folder.path).folder, { recursive: true });
  const { events } = await runArray(folder, {}, lost);
  assertEquals(events.includes('"result"'), false, events);
  const reason = `No such file or directory (os error 2): chdir '${lost}'`;
  assertEquals(
    events.includes(JSON.stringify({
      broken: `Cannot enter the working folder: ${reason}; create it on all nodes, or leave out ` +
        "chdir in the option slurm",
    })),
    true,
    events,
  );
  await Deno.remove(`${jobArrays(folder.path).folder}/0`, { recursive: true });
  assertEquals((await runArray(folder, {}, there)).events.includes('"result"'), true);
});
