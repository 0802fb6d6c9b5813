import { findData } from "../../../../lib/engines/shared/data_files.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";
import { enterFolder } from "../../../support/jobs.ts";

Deno.test("findData() sends a link under its own name, also to a file on another disk", async (t) => {
  await using disk = await makeFolder({ "far.txt": "far" });
  await using _folder = await enterFolder({ "in/a.txt": "a" });
  Deno.symlinkSync("a.txt", "in/link.txt");
  Deno.symlinkSync(disk.path, "disk");
  const real = Deno.realPathSync;
  const cases = [
    ["a link to a file", "in/link.txt", { "in/link.txt": real("in/a.txt") }],
    ["a link to a folder", "disk/*.txt", { "disk/far.txt": real("disk/far.txt") }],
    ["a file by another path", "./disk/../in/a.*", { "in/a.txt": real("in/a.txt") }],
  ] as const;
  for (const [name, pattern, files] of cases) {
    await t.step(name, () => assertEquals(findData([pattern]), { files, warnings: [] }));
  }
});
