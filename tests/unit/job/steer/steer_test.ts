import { steerJob } from "../../../../lib/job/steer/steer.ts";
import { jobFolder } from "../../../../lib/job_dir/layout.ts";
import { JobLock } from "../../../../lib/job_dir/lock.ts";
import { writeRecord } from "../../../../lib/job_dir/record.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";
import { recordFor } from "../../job_dir/record_for.ts";

Deno.test("steerJob() does not claim a change that the running process has not applied", async () => {
  await using folder = await makeFolder();
  const job = jobFolder("a", folder.path), waits: string[] = [];
  Deno.mkdirSync(job, { recursive: true });
  writeRecord(job, recordFor("a"));
  const onSlow = (id: string) => waits.push(id);
  using lock = await JobLock.take(job);
  assertEquals(await steerJob(job, { isPaused: true }, { limitMs: 1_200, onSlow }), {
    id: "a",
    isApplied: false,
    text: "Not applied yet: Paused: running tasks may finish, no more tasks begin",
    notes: [
      "the process that runs job a has not answered: it applies the change when it can, unless its " +
      "version of dl_jobs knows no changes",
    ],
  });
  assertEquals(waits, ["a"]);
  lock[Symbol.dispose]();
  assertEquals(await steerJob(job, { set: { workers: 2 } }, { onSlow }), {
    id: "a",
    isApplied: false,
    text: "Changed workers=2",
    notes: ["no process runs job a: dl_jobs resume a runs it with the change"],
  });
  assertEquals(waits, ["a"]);
});
