import { type IndexedJob, JobIndex } from "../../../lib/job_dir/job_index.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";

const IDS = Array.from({ length: 120 }, (_, i) => `20260101T000000-${String(i).padStart(6, "0")}`);

Deno.test("JobIndex reads the jobs again whose records have changed", async (t) => {
  const records = IDS.map((id) => [`.dl_jobs/${id}/job.json`, "{}"]);
  await using folder = await makeFolder(Object.fromEntries(records));
  const counts = { total: 2, succeeded: 2, failed: 0 };
  const job = (id: string): IndexedJob => ({
    ...{ id, name: "square", engine: "local", ...counts, started: "2026-01-01T00:00:00.000Z" },
    state: id === IDS[0] ? "running" : "succeeded",
  });
  /** Lists all jobs. Returns the ids of those that were read. */
  const list = () => {
    const read: string[] = [], index = new JobIndex(folder.path);
    const jobs = IDS.map((id) => index.of(id, () => (read.push(id), job(id))));
    index.save();
    assertEquals(jobs, IDS.map(job));
    return read;
  };

  await t.step("the first time, all", () => assertEquals(list(), IDS));
  await t.step("then only a running one", () => assertEquals(list(), IDS.slice(0, 1)));
  await t.step("the file is private", async () => {
    const { mode } = await Deno.stat(`${folder.path}/.dl_jobs/cache/jobs`);
    assertEquals(mode! & 0o777, 0o600);
  });
  await t.step("a changed record", async () => {
    await folder.write(`.dl_jobs/${IDS[5]}/job.json`, "{ }");
    assertEquals(list(), [IDS[0], IDS[5]]);
  });
  await t.step("a damaged file, which is written again", async () => {
    const path = `${folder.path}/.dl_jobs/cache/jobs`, text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.replace("square", "cubics"));
    assertEquals(list(), IDS);
    assertEquals(list(), IDS.slice(0, 1));
  });
});
