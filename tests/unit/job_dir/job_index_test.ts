import { DiskUsage } from "../../../lib/job_dir/disk_usage.ts";
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

Deno.test("JobIndex measures a folder again when it has other names", async (t) => {
  const files = IDS.map((id) => [`.dl_jobs/${id}/job.json`, "{}"]);
  await using folder = await makeFolder(Object.fromEntries(files));
  const [id = ""] = IDS, path = `${folder.path}/.dl_jobs/${id}`;
  const job = (id: string): IndexedJob => ({ id, state: "succeeded" });
  /** Returns the sizes of the files of a job, after all jobs were listed. */
  const sizes = () => {
    const index = new JobIndex(folder.path);
    for (const one of IDS) index.of(one, () => job(one));
    const spaces = IDS.map((one) => index.spaceOf(one));
    index.save();
    return new DiskUsage().add(path, spaces[0]);
  };
  const measured = () => new DiskUsage().add(path);
  await t.step("twice", () => assertEquals([sizes(), sizes()], [measured(), measured()]));
  const before = measured();

  await t.step("after a new file", async () => {
    await folder.write(`.dl_jobs/${id}/tasks.sqlite`, "x".repeat(10_000));
    assertEquals([sizes(), measured() > before], [measured(), true]);
  });
  await t.step("a file with a second name elsewhere, until that is removed", async () => {
    await Deno.link(`${path}/tasks.sqlite`, `${folder.path}/other`);
    await Deno.utime(path, new Date(), new Date(Date.now() + 1000));
    assertEquals([sizes(), sizes()], [before, before]);
    await Deno.remove(`${folder.path}/other`);
    assertEquals([sizes(), measured() > before], [measured(), true]);
  });
  await t.step("a folder with other folders always", async () => {
    await folder.write(`.dl_jobs/${id}/files/one`, "x".repeat(10_000));
    sizes();
    await folder.write(`.dl_jobs/${id}/files/two`, "x".repeat(50_000));
    assertEquals(sizes(), measured());
  });
});
