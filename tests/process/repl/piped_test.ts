/**
 * A session whose entries come from a pipe.
 *
 * @module
 */

import { assertEquals } from "../../support/assert.ts";
import { cli, enterFolder } from "../../support/jobs.ts";

async function repl(input: string) {
  const { code, stdout, stderr } = await cli(["repl"], { input });
  return { code, lines: stdout.split("\n").slice(1, -1), stderr };
}

Deno.test("dl_jobs repl shows the user's frames alone, and ends with 1 after an error", async () => {
  await using _folder = await enterFolder({
    "tiles.ts": 'export function mean() {\n  throw new RangeError("no tiles");\n}\n',
  });
  const { href } = new URL(`file://${Deno.cwd()}/tiles.ts`);
  assertEquals(await repl('import { mean } from "./tiles.ts"\nlocal(5)\nmean()\n1 + 1\n'), {
    code: 1,
    lines: [
      "undefined",
      "Uncaught UsageError: Cannot call local: the value is not a job, write local(job(fn, { argsList }))",
      "    at <anonymous>:1:22",
      "Uncaught RangeError: no tiles",
      `    at mean (${href}:2:9)`,
      "    at <anonymous>:1:22",
      "2",
    ],
    stderr: "",
  });
});

Deno.test("dl_jobs repl ends with 0 after a job whose error was caught", async () => {
  await using _folder = await enterFolder();
  const caught = 'await Promise.resolve(job).then((make) => make(1)).catch(() => "caught")';
  assertEquals(await repl(`${caught}\n`), { code: 0, lines: ['"caught"'], stderr: "" });
});
