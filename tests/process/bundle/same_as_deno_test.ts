/**
 * Modules return the same values under `deno run` and as tasks.
 *
 * @module
 */

import { bundleTask } from "../../../lib/bundle/build.ts";
import { type Folder, makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertNotEquals } from "../../support/assert.ts";
import { endOf } from "../../support/jobs.ts";
import { type Files, MODULES, NAMES, PACKAGES, PROGRAM, STACKS, SYNTAX } from "./constructs.ts";
import { locationIn } from "./programs.ts";

const TABLES = { NAMES, MODULES, PROGRAM, SYNTAX, PACKAGES, STACKS };

for (const [title, table] of Object.entries(TABLES)) {
  Deno.test(`a task returns what deno run prints: ${title.toLowerCase()}`, async (t) => {
    for (const [name, files] of Object.entries(table)) {
      await t.step(name, () => compare(files));
    }
  });
}

/** Runs the first file of a program both ways. */
async function compare(files: Files): Promise<void> {
  const [first] = Object.keys(files);
  await using folder = await makeFolder(files);
  await writeSpecial(folder, files);
  const [plain, task] = await Promise.all([runPlain(folder, first!), runTask(folder, first!)]);
  assertEquals(task, plain);
}

/** Writes the files that are not text. */
async function writeSpecial({ path }: Folder, files: Files): Promise<void> {
  const wasm = files["add.wasm"];
  if (wasm) await Deno.writeFile(`${path}/add.wasm`, Uint8Array.fromBase64(wasm));
  for (const [name, text] of Object.entries(files)) {
    if (!text.startsWith("-> ")) continue;
    await Deno.remove(`${path}/${name}`);
    await Deno.symlink(text.slice("-> ".length), `${path}/${name}`);
  }
}

async function runPlain(folder: Folder, file: string): Promise<unknown> {
  const slash = file.lastIndexOf("/") + 1, main = `${file.slice(0, slash)}plain.ts`;
  const text = `import { task } from "./${file.slice(slash)}";
    console.log(JSON.stringify(await task(1)));`;
  await folder.write(main, text);
  return await output(["run", "-A", "--quiet", "--no-check", `${folder.path}/${main}`], folder);
}

/** Calls the function in a program, which is in the folder of a job. */
async function runTask(folder: Folder, file: string): Promise<unknown> {
  const { code } = await bundleTask(locationIn(folder, file));
  await folder.write(".dl_jobs/bundle.js", code);
  const options = JSON.stringify({ plain: true });
  const args = ["run", "-A", "--quiet", "--no-lock", "--node-modules-dir=none"];
  return await output([...args, `${folder.path}/.dl_jobs/bundle.js`, options], folder, "1\n");
}

async function output(args: string[], folder: Folder, input = ""): Promise<unknown> {
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd: folder.path,
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { stdout, stderr } = await endOf(child, input);
  assertNotEquals(stdout, "", stderr);
  return JSON.parse(stdout);
}
