/**
 * The list of jobs of the page, which keeps the entries of ended jobs.
 *
 * @module
 */

import { jobFolder } from "../../../lib/job_dir/layout.ts";
import { readRecord, writeRecord } from "../../../lib/job_dir/record.ts";
import { JobBook } from "../../../lib/web/jobs.ts";
import { assertEquals } from "../../support/assert.ts";
import { cli, enterFolder } from "../../support/jobs.ts";

Deno.test("the list of the page shows each change of an ended job", async () => {
  await using _folder = await enterFolder({ "task.ts": "export const task = (x: number) => x;" });
  await cli(["map", "task.ts", "-q"], { input: "1\n" });
  const book = new JobBook(Deno.cwd()), [first] = book.rows();
  assertEquals([first!.name, first!.state, first!.total], ["task.task", "succeeded", 1]);
  // Only an entry that was kept is the same object.
  assertEquals(book.rows()[0] === first, true);
  const folder = jobFolder(first!.id);
  writeRecord(folder, { ...readRecord(folder), name: "renamed" });
  assertEquals(book.rows().map(({ name }) => name), ["renamed"]);
  await Deno.remove(folder, { recursive: true });
  assertEquals(book.rows(), []);
});
