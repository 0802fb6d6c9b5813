/**
 * The command `dl_jobs docs`.
 *
 * @module
 */

import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertMatch } from "../../support/assert.ts";
import { command, dlJobs } from "./commands.ts";

Deno.test("dl_jobs docs prints a page, or the part that explains a word", async () => {
  await using folder = await makeFolder();
  const call = { cwd: folder.path };
  assertMatch((await dlJobs("docs", call)).out, /^# dl_jobs.*\n[^]*slurm\.md/);
  assertMatch((await dlJobs("docs slurm", call)).out, /^# Slurm\n[^]*\n## /);
  const option = await dlJobs("docs max-attempts", call);
  assertMatch(option.out, /^### max_attempts\n[^]*- example: `--max-attempts 3`\n$/);
  assertMatch(option.err, /^See also: failures-and-resuming: More attempts$/m);
  const others = [
    ["crash", "## A task that fails"],
    ["out of memory", "## Memory and CPU time"],
    ["Ctrl-C", "## Stop and resume"],
    ["stuck", "# Hangs"],
    ["permission denied", "## What a task may do"],
  ] as const;
  for (const [words, heading] of others) {
    const { out, err } = await dlJobs(["docs", ...words.split(" ")], call);
    assertEquals([out.split("\n")[0], err.includes(`: ${heading.replace(/#+ /, "")}\n`)], [
      heading,
      false,
    ]);
  }
  assertEquals(await dlJobs("docs xyzzy", call), {
    out: "",
    err: 'Error: Cannot find "xyzzy" in the documentation: write another word, or see the pages ' +
      "with dl_jobs docs\n",
    code: 2,
  });
});

Deno.test("an error ends with the words that dl_jobs docs explains, in JSON too", async () => {
  await using folder = await makeFolder({ "a.ts": "export const f = (x: number) => x;\n" });
  const call = { cwd: folder.path };
  const { stderr } = await command("map a.ts#f --rate 9 ::: 1", call, "null").output();
  assertEquals(
    new TextDecoder().decode(stderr),
    'Error: Cannot use the rate "9": write tasks and a unit of time, such as 10/s, 600/m or ' +
      '"10/s burst 20", or how many run together, such as "2 at a time"\n' +
      "More: dl_jobs docs rate limits\n",
  );
  assertMatch((await dlJobs("docs rate limits", call)).out, /^# Rate limits\n/);
  await dlJobs("map a.ts#f ::: 1", call);
  const { out, code } = await dlJobs(["query", "--json", "select"], call);
  const { error: { message: _, ...error }, ...fields } = JSON.parse(out);
  assertEquals({ code, error, fields }, {
    code: 2,
    error: { code: "usage", docs: "sql over tasks" },
    fields: { schema_version: 1, ok: false },
  });
});
