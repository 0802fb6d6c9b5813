import { holderOf, JobLock } from "../../../lib/job_dir/lock.ts";
import { readState } from "../../../lib/job_dir/state.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";
import { recordFor } from "./record_for.ts";

Deno.test("JobLock excludes other processes, and names the one with the job", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/job`;
  await Deno.mkdir(path);
  assertEquals(holderOf(path), undefined);
  {
    using _lock = await JobLock.take(path);
    const holder = holderOf(path);
    assertEquals(holder?.pid, Deno.pid);
    assertEquals(readState(path, recordFor("job")).state, "running");
    const error = await assertRejects(() => JobLock.take(path), UsageError);
    assertEquals(
      error.message,
      `Cannot lock job job: process ${Deno.pid} has been running it since ${holder?.since}, wait for it or ` +
        "end it with dl_jobs cancel job",
    );
  }
  assertEquals(holderOf(path), undefined);
  using _again = await JobLock.take(path);
  assertEquals(holderOf(path)?.pid, Deno.pid);
});

Deno.test("JobLock is free again when its holder is killed, and cannot be inherited", async () => {
  await using folder = await makeFolder();
  const lock = new URL("../../../lib/job_dir/lock.ts", import.meta.url).href;
  const code = `
    import { JobLock } from ${JSON.stringify(lock)};
    using _lock = await JobLock.take(${JSON.stringify(folder.path)});
    const child = new Deno.Command("sleep", { args: ["3600"], stdout: "null", stderr: "null" }).spawn();
    console.log(child.pid);
    await child.status;`;
  const holder = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", code],
    stdout: "piped",
  }).spawn();
  const reader = holder.stdout.getReader();
  const child = Number(new TextDecoder().decode((await reader.read()).value));
  assertEquals(holderOf(folder.path)?.pid, holder.pid);
  holder.kill("SIGKILL");
  await holder.status;
  await reader.cancel();
  assertEquals(holderOf(folder.path), undefined);
  using _lock = await JobLock.take(folder.path);
  Deno.kill(child, "SIGKILL");
});
