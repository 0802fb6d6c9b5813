/**
 * The command `dl_jobs init`.
 *
 * @module
 */

import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../../support/assert.ts";
import { dlJobs } from "./commands.ts";

const RESULTS =
  '{"name":"North","mean":5}\n{"name":"South","mean":4.5}\n{"name":"West","mean":3}\n';

Deno.test("dl_jobs init writes a project whose next command works", async (t) => {
  await using folder = await makeFolder();
  const cwd = folder.path;
  const init = await dlJobs("init", { cwd });
  assertEquals(init, {
    out: "dl_jobs map task.ts#task list.ndjson\ndl_jobs status\n",
    err: "Wrote task.ts, list.ndjson, deno.json, dl_jobs.config.yaml, .gitignore\n",
    code: 0,
  });
  const { out, code } = await dlJobs("map task.ts#task list.ndjson --ordered", { cwd });
  assertEquals({ out, code }, { out: RESULTS, code: 0 });
  await t.step("whose .gitignore names all that a job writes", async () => {
    const names = await Array.fromAsync(Deno.readDir(cwd), ({ name }) => name);
    const ignored = (await Deno.readTextFile(`${cwd}/.gitignore`)).split("\n");
    assertEquals(names.filter((name) => !ignored.includes(`${name}/`)).sort(), [
      ...[".gitignore", "deno.json", "dl_jobs.config.yaml", "list.ndjson", "task.ts"],
    ]);
  });
  await t.step("whose scripts find the library", async () => {
    await Deno.writeTextFile(
      `${cwd}/script.ts`,
      'import { Job } from "dl_jobs";\nconsole.log(typeof Job);\n',
    );
    const args = ["run", "--quiet", "-A", "script.ts"];
    const { stdout } = await new Deno.Command(Deno.execPath(), { args, cwd }).output();
    assertEquals(new TextDecoder().decode(stdout), "function\n");
  });
  await t.step("and overwrites nothing", async () => {
    assertEquals(await dlJobs("init", { cwd }), {
      out: "",
      err: "Error: Cannot start a project in .: task.ts and list.ndjson would be overwritten, " +
        "name another folder, such as dl_jobs init ts my_job\n",
      code: 2,
    });
  });
});

Deno.test("dl_jobs init py writes a project in Python, and keeps files that exist", async () => {
  await using folder = await makeFolder({ "rain/.gitignore": "*.tif\n" });
  const cwd = folder.path;
  const { out, err, code } = await dlJobs("init py rain", { cwd });
  assertEquals({ out, err, code }, {
    out: "cd rain\ndl_jobs map task.py#task list.ndjson\ndl_jobs status\n",
    err: "Wrote task.py, list.ndjson, pyproject.toml, dl_jobs.config.yaml in rain\n" +
      "Kept .gitignore, which exists: add the lines .dl_jobs/, results/, errors/, logs/, .venv/\n",
    code: 0,
  });
  assertEquals(await Deno.readTextFile(`${cwd}/rain/.gitignore`), "*.tif\n");
  const job = await dlJobs("map task.py#task list.ndjson --ordered", { cwd: `${cwd}/rain` });
  assertEquals(job.out.replaceAll(".0", ""), RESULTS);
});

Deno.test("dl_jobs init prints commands that a shell understands", async () => {
  await using folder = await makeFolder();
  const { out, code } = await dlJobs(["init", "ts", "my own/rain's"], { cwd: folder.path });
  assertEquals([code, out.split("\n")[0]], [0, "cd 'my own/rain'\\''s'"]);
});

Deno.test("dl_jobs init writes no deno.json, which would hide a deno.jsonc", async () => {
  await using folder = await makeFolder({ "deno.jsonc": "{}" });
  const { err, code } = await dlJobs("init ts", { cwd: folder.path });
  assertMatch(err, /^Wrote task\.ts, list\.ndjson, dl_jobs\.config\.yaml, \.gitignore\n/);
  assertMatch(
    err,
    /\nKept deno\.jsonc, which exists: scripts that import dl_jobs need "dl_jobs": /,
  );
  assertEquals(code, 0);
});

Deno.test("dl_jobs init refuses wrong arguments", async (t) => {
  await using folder = await makeFolder({ file: "" });
  for (
    const [args, message] of [
      ["init rs", 'Cannot start a project in "rs": write ts (TypeScript) or py (Python), then'],
      ["init ts a b", 'Cannot use "b": the folder is a, name one folder'],
      ["init ts file/in", "Cannot write the project to file/in: Not a directory"],
    ] as const
  ) {
    await t.step(args, async () => {
      const { err, code } = await dlJobs(args, { cwd: folder.path });
      assertStringIncludes(err, `Error: ${message}`);
      assertEquals(code, 2);
    });
  }
  assertEquals(await Array.fromAsync(Deno.readDir(folder.path), ({ name }) => name), ["file"]);
});
