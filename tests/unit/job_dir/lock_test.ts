import { holderOf, JobLock } from "../../../lib/job_dir/lock.ts";
import { readState } from "../../../lib/job_dir/state.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { until } from "../../../tools/support/until.ts";
import { assertEquals, assertMatch, assertRejects } from "../../support/assert.ts";
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

Deno.test("JobLock names the folder of a job that was removed", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/job`;
  const error = await assertRejects(() => JobLock.take(path), UsageError);
  assertEquals(
    error.message,
    `Cannot lock job job: its folder ${path} was removed, dl_jobs jobs lists the jobs that there are`,
  );
});

Deno.test("JobLock names the job whose lock cannot be written, and the way out", async (t) => {
  await using folder = await makeFolder();
  const { openSync } = Deno, { PermissionDenied } = Deno.errors;
  const cases = [
    [
      new PermissionDenied("Permission denied (os error 13)"),
      "run dl_jobs as the owner of the job",
    ],
    [new Error("Too many open files (os error 24)"), "fix this and try again"],
  ] as const;
  for (const [cause, way] of cases) {
    await t.step(cause.message, async () => {
      // Root may write every file.
      Deno.openSync = () => {
        throw cause;
      };
      try {
        const error = await assertRejects(() => JobLock.take(`${folder.path}/job`), Error);
        assertEquals(error.message, `Cannot lock job job: ${cause.message}, ${way}`);
      } finally {
        Deno.openSync = openSync;
      }
    });
  }
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

Deno.test("JobLock excludes others after its file was removed, and notices the loss", async (t) => {
  const harm: Record<string, (lock: string) => void> = {
    "removed": (lock) => Deno.removeSync(lock),
    "replaced": (lock) => {
      Deno.removeSync(lock);
      Deno.writeTextFileSync(lock, '{"pid":1,"host":"far","since":"now"}');
    },
    "overwritten": (lock) => Deno.writeTextFileSync(lock, '{"pid":1,"host":"far","since":"now"}'),
  };
  for (const [name, fn] of Object.entries(harm)) {
    await t.step(name, async () => {
      await using folder = await makeFolder();
      {
        using lock = await JobLock.take(folder.path);
        fn(`${folder.path}/lock`);
        await assertRejects(() => JobLock.take(folder.path), UsageError);
        await until(() => lock.lost.aborted, "the loss is noticed");
        assertMatch(
          lock.lost.reason.message,
          /^Cannot continue job \S+: its lock file was changed/,
        );
      }
      using _again = await JobLock.take(folder.path);
    });
  }
});

Deno.test("JobLock is not lost while this process may open no more files", async () => {
  await using folder = await makeFolder();
  using lock = await JobLock.take(folder.path);
  const { readTextFileSync } = Deno;
  let refusals = 0;
  Deno.readTextFileSync = () => {
    refusals++;
    throw Object.assign(new Error("Too many open files (os error 24)"), { code: "EMFILE" });
  };
  try {
    await until(() => refusals > 1, "two checks");
  } finally {
    Deno.readTextFileSync = readTextFileSync;
  }
  assertEquals(lock.lost.aborted, false);
  Deno.removeSync(`${folder.path}/lock`);
  await until(() => lock.lost.aborted, "the loss is noticed");
});

Deno.test("JobLock respects a held file while its process lives", async (t) => {
  const boot = Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
  const space = `${boot} ${Deno.readLinkSync("/proc/self/ns/pid")}`;
  const start = Deno.readTextFileSync("/proc/self/stat").split(") ").at(-1)!.split(" ")[19]!;
  const far = { pid: 7, host: "far", since: "now", space: "another boot", start: "1" };
  const near = { pid: Deno.pid, host: "here", since: "now", space, start };
  const cases: [name: string, text: string, age: number, isHeld: boolean][] = [
    ["a process on another machine", JSON.stringify(far), 30, true],
    ["a process on another machine that died", JSON.stringify(far), 90, false],
    ["a process here, however late", JSON.stringify(near), 90, true],
    ["a process here that ended", JSON.stringify({ ...near, pid: 2 ** 22 + 1 }), 0, false],
    ["a pid that is used again", JSON.stringify({ ...near, start: "1" }), 0, false],
    ["a file that is being written", "", 0, true],
    ["a file that was never written", "", 90, false],
  ];
  for (const [name, text, age, isHeld] of cases) {
    await t.step(name, async () => {
      await using folder = await makeFolder({ "lock": "", "lock.held": text });
      const time = Date.now() / 1000 - age;
      await Deno.utime(`${folder.path}/lock.held`, time, time);
      assertEquals(holderOf(folder.path) !== undefined, isHeld);
      if (isHeld) await assertRejects(() => JobLock.take(folder.path), UsageError);
      else (await JobLock.take(folder.path))[Symbol.dispose]();
    });
  }
});

Deno.test("holderOf() writes nothing", async () => {
  await using folder = await makeFolder({ lock: "" });
  await Deno.chmod(`${folder.path}/lock`, 0o444);
  await Deno.chmod(folder.path, 0o555);
  const before = Deno.statSync(folder.path).mtime;
  assertEquals(holderOf(folder.path), undefined);
  assertEquals(Deno.statSync(folder.path).mtime, before);
  await Deno.chmod(folder.path, 0o755);
});
