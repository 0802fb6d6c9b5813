import { isCopy } from "../../../../lib/job/files/copied_job.ts";
import { jobFolder } from "../../../../lib/job_dir/layout.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";
import { recordFor } from "../../job_dir/record_for.ts";

const ID = "20260101T000000-000aaa";

Deno.test("isCopy() tells a copy from another path of the same folder", async (t) => {
  await using folder = await makeFolder({
    [`original/.dl_jobs/${ID}/job.json`]: "{}",
    [`copy/.dl_jobs/${ID}/job.json`]: "{}",
  });
  await Deno.symlink(`${folder.path}/original`, `${folder.path}/link`);
  const at = (name: string) => `${folder.path}/${name}`;
  const cases: [directory: string, here: string, expected: boolean][] = [
    ["original", "original", false],
    ["original", "copy", true],
    ["original", "link", false],
    ["gone", "copy", false],
  ];
  for (const [directory, here, expected] of cases) {
    await t.step(`${here} of ${directory}`, () => {
      const record = recordFor(ID, { directory: at(directory) });
      assertEquals(isCopy(jobFolder(ID, at(here)), record), expected);
    });
  }
});
