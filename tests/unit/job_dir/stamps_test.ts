import { areFilesUnchanged, stampFiles } from "../../../lib/job_dir/stamps.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("areFilesUnchanged() finds files that were written, replaced or removed", async (t) => {
  await using folder = await makeFolder({ "events.ndjson": "{}\n", "tasks.ndjson": "1\n" });
  const stamps = stampFiles(folder.path), path = `${folder.path}/events.ndjson`;
  const { mtime } = await Deno.stat(path);
  const later = new Date(mtime!.getTime() + 1);
  const isKept = () => areFilesUnchanged(folder.path, stamps);

  await t.step("a missing file has a stamp, too", () => {
    assertEquals(stamps.sums, [-1, 0]);
    assertEquals(isKept(), true);
  });
  await t.step("another time", async () => {
    await Deno.utime(path, later, later);
    assertEquals(isKept(), false);
  });
  await t.step("another size at the same time", async () => {
    await Deno.writeTextFile(path, "{}\n{}\n");
    await Deno.utime(path, mtime!, mtime!);
    assertEquals(isKept(), false);
  });
  await t.step("a removed file", async () => {
    await Deno.writeTextFile(path, "{}\n");
    await Deno.utime(path, mtime!, mtime!);
    assertEquals(isKept(), true);
    await Deno.remove(path);
    assertEquals(isKept(), false);
  });
  await t.step("a job without stamps", () => {
    assertEquals(areFilesUnchanged(folder.path, undefined), false);
  });
});
