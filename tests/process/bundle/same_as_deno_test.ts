/**
 * Modules return the same values under `deno run` and as tasks.
 *
 * @module
 */

import { bundleTask } from "../../../lib/bundle/build.ts";
import { type Folder, makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";
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

async function compare(files: Files): Promise<void> {
  const [first] = Object.keys(files);
  await using folder = await makeFolder(files);
  if (files["add.wasm"]) {
    await Deno.writeFile(`${folder.path}/add.wasm`, Uint8Array.fromBase64(files["add.wasm"]));
  }
  if (files["link.ts"]) {
    await Deno.remove(`${folder.path}/link.ts`);
    await Deno.symlink(files["link.ts"].slice("-> ".length), `${folder.path}/link.ts`);
  }
  const [plain, task] = await Promise.all([runPlain(folder, first!), runTask(folder, first!)]);
  assertEquals(task, plain);
}

async function runPlain(folder: Folder, file: string): Promise<unknown> {
  const main = `${file.replace(/[^/]*$/, "")}plain.ts`;
  await folder.write(
    main,
    `import { task } from "./${
      file.split("/").at(-1)
    }";\nconsole.log(JSON.stringify(await task(1)));`,
  );
  return await output(["run", "-A", "--quiet", "--no-check", `${folder.path}/${main}`], folder);
}

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
  const said = child.output();
  await new Blob([input]).stream().pipeTo(child.stdin).catch(() => {});
  const { stdout, stderr } = await said;
  const decoder = new TextDecoder(), text = decoder.decode(stdout);
  return text === "" ? { failed: decoder.decode(stderr) } : JSON.parse(text);
}
