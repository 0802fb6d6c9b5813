/**
 * The program of a job, which is a file in the cache as long as the cache exists.
 *
 * @module
 */

import { jobIds } from "../../../lib/job_dir/find.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";
import { dlJobs } from "../cli/commands.ts";

const MODULE = `
// The path of the program is on the command line of the worker.
export const program = () =>
  Deno.readTextFileSync("/proc/self/cmdline").split("\\0").find((word) => word.endsWith(".js"));
export function afterCache() {
  if (program().endsWith("/bundle.js")) return "ran again";
  Deno.removeSync(".dl_jobs/cache", { recursive: true });
  Deno.exit(1);
}`;

Deno.test("jobs with the same program run one file in the cache", async (t) => {
  await using folder = await makeFolder({ "task.ts": MODULE, "in.ndjson": "1\n" });
  const run = async (method: string) => {
    const { code, out, err } = await dlJobs(
      `map task.ts#${method} in.ndjson --max-attempts 2 --quiet --no-log`,
      { cwd: folder.path },
    );
    assertEquals([code, err], [0, ""]);
    return JSON.parse(out);
  };
  const inode = (path: string) => Deno.statSync(path).ino;

  await t.step("the programs of the jobs are names of this file", async () => {
    const path = await run("program");
    assertEquals(/^DIR\/\.dl_jobs\/cache\/[\da-f]{16}\.js$/.test(path), true);
    assertEquals(await run("program"), path);
    const programs = jobIds(folder.path).map((id) =>
      inode(`${folder.path}/.dl_jobs/${id}/bundle.js`)
    );
    const file = inode(path.replace("DIR", folder.path));
    assertEquals(programs, [file, file]);
  });

  await t.step("a worker runs the job's own file when the cache is gone", async () => {
    assertEquals(await run("afterCache"), "ran again");
  });
});
