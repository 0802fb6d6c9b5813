/**
 * Commands in folders where other users could have written.
 *
 * @module
 */

import { type Folder, makeFolder } from "../../tools/support/files.ts";
import { assertEquals } from "../support/assert.ts";
import { dlJobs } from "./cli/commands.ts";

const FILES = {
  "task.ts": "export const task = (n: number) => n + 1;\n",
  "in.ndjson": "1\n",
  "dl_jobs.config.yaml": "noisy: false\nlog: false\nenv: LEVEL=other\n",
};
const MAP = "map task.ts in.ndjson";

Deno.test("a command refuses files that other users could have written", async (t) => {
  await using folder = await makeFolder(FILES);
  const at = (name: string) => `${folder.path}/${name}`;
  const refusal = (file: string, place: string) =>
    `Error: Cannot trust DIR/${file}: other users can write to DIR/${place} (mode 777); ` +
    `run chmod go-w DIR/${place}, or set DL_JOBS_TRUST=DIR/${place} if you trust everything there\n`;
  const run = (args: string) => dlJobs(args, { cwd: folder.path });
  await run(MAP);
  const [id] = [...Deno.readDirSync(at(".dl_jobs"))].map(({ name }) => name)
    .filter((name) => name.startsWith("2"));
  // The cache also has the part of programs that is the worker.
  const cached = (text: string) =>
    [...Deno.readDirSync(at(".dl_jobs/cache"))].map(({ name }) => `.dl_jobs/cache/${name}`)
      .find((path) => Deno.readTextFileSync(at(path)).includes(text))!;
  const program = cached("=> n + 1");
  const entry = cached(`"program":"${program.split("/").at(-1)}"`);
  const job = `.dl_jobs/${id}`;
  const cases: [args: string, file: string, place: string][] = [
    [MAP, "dl_jobs.config.yaml", "dl_jobs.config.yaml"],
    ["config --info", "dl_jobs.config.yaml", "dl_jobs.config.yaml"],
    [MAP, ".dl_jobs", ".dl_jobs"],
    [MAP, entry, ".dl_jobs/cache"],
    [MAP, entry, entry],
    [MAP, program, program],
    ["replay last 0", `${job}/bundle.js`, `${job}/bundle.js`],
    ["replay last 0", `${job}/bundle.js`, job],
    ["resume last", `${job}/job.json`, job],
    ["resume last", `${job}/job.json`, `${job}/job.json`],
    ["replay last 0", `${job}/job.json`, `${job}/job.json`],
    ["cancel last", `${job}/job.json`, `${job}/job.json`],
    ["repl", ".dl_jobs/history", ".dl_jobs"],
  ];
  for (const [args, file, place] of cases) {
    await t.step(`${args} in ${place.replace(id!, "ID")}`, async () => {
      const { mode } = Deno.statSync(at(place));
      Deno.chmodSync(at(place), 0o777);
      const done = await run(args);
      Deno.chmodSync(at(place), mode!);
      assertEquals(done, { code: 2, out: "", err: refusal(file, place).replaceAll(id!, "ID") });
    });
  }
  await t.step("DL_JOBS_TRUST names folders that are trusted", async () => {
    Deno.chmodSync(folder.path, 0o777);
    const env = { DL_JOBS_TRUST: folder.path };
    const done = await dlJobs(MAP, { cwd: folder.path, env });
    assertEquals(done, { code: 0, out: "2\n", err: "" });
    Deno.chmodSync(folder.path, 0o700);
  });
});

Deno.test("a config file counts from the root of the project or the home folder", async (t) => {
  const cases: [
    name: string,
    files: string[],
    env: (path: string) => Record<string, string>,
    (
      | string
      | undefined
    ),
  ][] = [
    ["a git repository", ["p/.git/HEAD"], () => ({}), "p"],
    ["a git worktree", ["p/.git"], () => ({}), "p"],
    ["a Deno project", ["p/deno.json"], () => ({}), "p"],
    ["a Deno project with comments", ["p/deno.jsonc"], () => ({}), "p"],
    ["a project in a project", ["deno.json", "p/a/deno.json"], () => ({}), undefined],
    ["the home folder", [], (path) => ({ HOME: `${path}/p` }), "p"],
    ["a link to the home folder", [], (path) => {
      Deno.symlinkSync(`${path}/p`, `${path}/home`);
      return { HOME: `${path}/home/` };
    }, "p"],
    ["a folder above the home folder", [], (path) => ({ HOME: `${path}/p/a` }), undefined],
    ["no project", [], () => ({}), undefined],
  ];
  for (const [name, files, env, found] of cases) {
    await t.step(name, async () => {
      await using folder = await makeFolder({
        "p/dl_jobs.config.yaml": "",
        "p/a/b/task.ts": "",
        ...Object.fromEntries(files.map((file) => [file, "{}"])),
      });
      assertEquals(
        await configIn(folder, env(folder.path)),
        found && `${found}/dl_jobs.config.yaml`,
      );
    });
  }
});

/** Returns the config file that a command in the folder `p/a/b` uses. */
async function configIn(folder: Folder, env: Record<string, string>): Promise<string | undefined> {
  const { err } = await dlJobs("config --info", { cwd: `${folder.path}/p/a/b`, env });
  const path = err.trimEnd();
  return path.startsWith(folder.path) ? path.slice(folder.path.length + 1) : undefined;
}
