/**
 * The command `dl_jobs docs`.
 *
 * @module
 */

import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertMatch } from "../../support/assert.ts";
import { dlJobs } from "./commands.ts";

Deno.test("dl_jobs docs prints a page, or the part that explains a word", async () => {
  await using folder = await makeFolder();
  const call = { cwd: folder.path };
  assertMatch((await dlJobs("docs", call)).out, /^# dl_jobs.*\n[^]*slurm\.md/);
  assertMatch((await dlJobs("docs slurm", call)).out, /^# Slurm\n[^]*\n## /);
  const option = await dlJobs("docs max-attempts", call);
  assertMatch(option.out, /^### max_attempts\n[^]*- example: `--max-attempts 3`\n$/);
  assertMatch(option.err, /^See also: failures-and-resuming: More attempts$/m);
  assertEquals(await dlJobs("docs xyzzy", call), {
    out: "",
    err: 'Error: Cannot find "xyzzy" in the documentation: write another word, or see the pages ' +
      "with dl_jobs docs\n",
    code: 2,
  });
});
