import { UsageError } from "../../../lib/util/errors.ts";
import { sandboxFlags } from "../../../lib/worker/sandbox.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

Deno.test("sandboxFlags() denies the folder of all jobs, under all its names", async () => {
  await using folder = await makeFolder({ "real/.dl_jobs/1/job.json": "{}" });
  const real = `${folder.path}/real/.dl_jobs`, link = `${folder.path}/link/.dl_jobs`;
  await Deno.mkdir(`${folder.path}/link`);
  await Deno.symlink(real, link);
  assertEquals(sandboxFlags(["--allow-read=."], real), [
    "--allow-read=.",
    `--deny-read=${real}`,
    `--deny-write=${real}`,
  ]);
  assertEquals(sandboxFlags(["--allow-write", "--allow-read"], link), [
    // Without the path, a task could make a link to the denied folder.
    "--allow-write=/",
    "--allow-read=/",
    `--deny-read=${link},${real}`,
    `--deny-write=${link},${real}`,
  ]);
  assertEquals(sandboxFlags(["--allow-write"], undefined), ["--allow-write=/"]);
});

Deno.test("sandboxFlags() keeps the folder for the files of tasks open", async () => {
  await using folder = await makeFolder({ "real/.dl_jobs/1/job.json": "{}" });
  const real = `${folder.path}/real/.dl_jobs`, link = `${folder.path}/link/.dl_jobs`;
  await Deno.mkdir(`${folder.path}/link`);
  await Deno.symlink(real, link);
  assertEquals(sandboxFlags(["--allow-net"], link, `${link}/1/files`), [
    "--allow-net",
    `--allow-read=${link}/1/files,${real}/1/files`,
    `--allow-write=${link}/1/files,${real}/1/files`,
    `--deny-read=${link},${real}`,
    `--deny-write=${link},${real}`,
  ]);
  assertEquals(sandboxFlags([], undefined, "/elsewhere"), [
    "--allow-read=/elsewhere",
    "--allow-write=/elsewhere",
  ]);
});

Deno.test("sandboxFlags() refuses a path that Deno's flags cannot express", async () => {
  await using folder = await makeFolder({ "a,b/.dl_jobs/1/job.json": "{}" });
  const store = `${folder.path}/a,b/.dl_jobs`;
  assertThrows(
    () => sandboxFlags([], store),
    UsageError,
    `Cannot limit the function: the path ${store} has a comma, move the project to another ` +
      "folder, or trust the code with --allow-all",
  );
});
