import { listJobs } from "../../../lib/job_dir/find.ts";
import { assertEquals, assertMatch } from "../../support/assert.ts";
import { cli, enterFolder } from "../../support/jobs.ts";

Deno.test("a dry run shows the function of the platform, and leaves no folder of a job", async () => {
  await using _folder = await enterFolder({
    "work.ts": "export const same = (x: number) => x;\n",
    "list.ndjson": "1\n",
  });
  const dry = ["map", "work.ts#same", "list.ndjson", "--dry-run", "--engine", "compute"];
  const { code, stderr } = await cli(dry);
  assertEquals(code, 0, stderr);
  assertMatch(stderr, /\na zip of \d+ bytes with\n/);
  assertEquals(listJobs(), []);
  assertEquals((await cli(["jobs"])).stderr, "There are no jobs in .dl_jobs\n");
});
