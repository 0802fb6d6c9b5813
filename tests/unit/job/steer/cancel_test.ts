import { cancelJob } from "../../../../lib/job/steer/cancel.ts";
import type { EngineName } from "../../../../lib/engines/mod.ts";
import { jobFiles, jobFolder } from "../../../../lib/job_dir/layout.ts";
import { holderOf, JobLock } from "../../../../lib/job_dir/lock.ts";
import { writeRecord } from "../../../../lib/job_dir/record.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";
import { recordFor } from "../../job_dir/record_for.ts";

const ENGINES = ["local", "ssh", "kubernetes"] as const;

Deno.test("cancelJob() ends no process whose pid is that of a process in another container", async (t) => {
  for (const engine of ENGINES) await t.step(engine, () => endsNoOther(engine));
});

async function endsNoOther(engine: EngineName): Promise<void> {
  await using folder = await makeFolder();
  const job = jobFolder("a", folder.path), { lock } = jobFiles(job);
  Deno.mkdirSync(job, { recursive: true });
  writeRecord(job, recordFor("a", { engine }));
  using _lock = await JobLock.take(job);
  const other = new Deno.Command("sleep", { args: ["600"] }).spawn(), { pid } = other;
  const own = JSON.parse(Deno.readTextFileSync(lock)), since = "2026-01-02T03:04:05.000Z";
  for (const change of [{ space: "another container" }, { host: "another machine" }]) {
    Deno.writeTextFileSync(lock, JSON.stringify({ ...own, pid, since, ...change }));
    const { host } = { ...own, ...change };
    assertEquals(holderOf(job), { pid, host, since });
    const { message } = await assertRejects(() => cancelJob(job), UsageError);
    assertEquals(
      message,
      `Cannot end process ${pid} on ${host}: it is on another machine or in another container, run ` +
        "dl_jobs cancel there",
    );
  }
  other.kill("SIGKILL");
  assertEquals((await other.status).signal, "SIGKILL", "it was not ended before");
}
