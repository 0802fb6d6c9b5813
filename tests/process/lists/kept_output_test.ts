/**
 * The results file of an earlier job, when no task of a later job succeeds.
 *
 * @module
 */

import { resumeJob } from "../../../lib/job/resume/resume.ts";
import { findJob } from "../../../lib/job_dir/find.ts";
import { assertEquals } from "../../support/assert.ts";
import { cli, enterFolder, recordOf } from "../../support/jobs.ts";

const WORK = `import { existsSync } from "node:fs";
export const good = (x: number) => ({ x });
export const bad = (x: number) => {
  if (existsSync("mended")) return { y: x };
  throw new Error("no " + x);
};
`;

for (const format of ["csv", "ndjson"]) {
  Deno.test(`a job without results keeps the ${format} of an earlier job, until a retry has some`, async () => {
    await using folder = await enterFolder({ "work.ts": WORK, "list.txt": "1\n2\n" });
    const file = `out.${format}`, read = () => Deno.readTextFileSync(file);
    const map = (name: string) =>
      cli(["map", `work.ts#${name}`, "list.txt", "-q", "--ordered", "-o", file]);
    assertEquals((await map("bad")).code, 1);
    assertEquals(read(), "");
    await map("good");
    const earlier = read();
    const { code, stderr } = await map("bad");
    assertEquals([code, stderr.split("\n")[0], read()], [
      1,
      `${file} keeps its earlier content, because no task has succeeded`,
      earlier,
    ]);
    assertEquals((recordOf(findJob()).files as { results?: string }).results, undefined);
    await folder.write("mended", "");
    await resumeJob(findJob(), { retryFilter: () => true });
    assertEquals(read(), earlier.replaceAll("x", "y"));
  });
}
