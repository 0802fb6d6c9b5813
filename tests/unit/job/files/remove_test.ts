import { loadEngine } from "../../../../lib/engines/mod.ts";
import { holderOf } from "../../../../lib/job_dir/lock.ts";
import { deleteJob, removeLeftovers } from "../../../../lib/job/files/remove.ts";
import { jobIds } from "../../../../lib/job_dir/find.ts";
import { jobFolder } from "../../../../lib/job_dir/layout.ts";
import { exists } from "../../../../lib/util/files/fs.ts";
import { enterFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertMatch, assertRejects } from "../../../support/assert.ts";

const idOf = (index: number) => `20260101T0000${10 + index}-000aaa`;
const fail = (text: string) => {
  throw new Error(text);
};

Deno.test("deleteJob() does not disturb another process that removes jobs", async () => {
  await using folder = await enterFolder();
  const ids = Array.from({ length: 40 }, (_, i) => idOf(i));
  for (const id of ids) await folder.write(`.dl_jobs/${id}/job.json`, "{}");
  const lanes = [0, 1].map(async (lane) => {
    for (const id of ids.filter((_, i) => i % 2 === lane)) {
      await deleteJob(jobFolder(id), { warn: fail });
    }
  });
  await Promise.all(lanes);
  assertEquals([jobIds(), exists(".dl_jobs/removed")], [[], false]);
});

Deno.test("files that cannot be removed do not keep later jobs", async () => {
  await using folder = await enterFolder();
  const [first, second] = [idOf(0), idOf(1)], { remove } = Deno;
  for (const id of [first, second]) await folder.write(`.dl_jobs/${id}/job.json`, "{}");
  // Root may remove every file.
  Deno.remove = (path, options) => {
    if (String(path).endsWith(first)) throw new Deno.errors.PermissionDenied("not permitted");
    return remove(path, options);
  };
  try {
    await assertRejects(
      () => deleteJob(jobFolder(first), { warn: fail }),
      Error,
      `Cannot remove all files of job ${first}: not permitted; `,
    );
    const warnings: string[] = [];
    await removeLeftovers((text) => warnings.push(text));
    assertMatch(warnings.join(), /^Warning: Cannot remove all files of job /);
    await deleteJob(jobFolder(second), { warn: fail });
  } finally {
    Deno.remove = remove;
  }
  assertEquals(jobIds(), []);
  await removeLeftovers(fail);
  assertEquals(exists(".dl_jobs/removed"), false);
});

Deno.test("removeLeftovers() keeps the copy of a job that is called removed", async () => {
  await using folder = await enterFolder();
  await folder.write(".dl_jobs/removed/job.json", "{}");
  await removeLeftovers(fail);
  assertEquals(jobIds(), ["removed"]);
});

Deno.test("deleteJob() runs no command from a record that others can write", async () => {
  await using folder = await enterFolder();
  const id = idOf(0);
  await folder.write(`.dl_jobs/${id}/job.json`, "{}");
  await folder.write(`.dl_jobs/${id}/ssh/report.json`, "{}");
  await Deno.chmod(`.dl_jobs/${id}/job.json`, 0o666);
  await assertRejects(
    () => deleteJob(jobFolder(id), { warn: fail }),
    Error,
    "cannot be ended (Cannot trust ",
  );
  assertEquals(jobIds(), [id]);
});

Deno.test("deleteJob() has the lock while it ends the tasks on other machines", async () => {
  await using folder = await enterFolder();
  const id = idOf(0), engine = await loadEngine("ssh"), { cancel } = engine;
  await folder.write(`.dl_jobs/${id}/job.json`, "{}");
  await folder.write(`.dl_jobs/${id}/ssh/report.json`, "{}");
  const holders: unknown[] = [];
  const look = (path: string) => {
    holders.push(holderOf(path)?.pid);
    return Promise.resolve();
  };
  Object.assign(engine, { cancel: look });
  try {
    await deleteJob(jobFolder(id), { warn: fail });
  } finally {
    Object.assign(engine, { cancel });
  }
  assertEquals([holders, jobIds()], [[Deno.pid], []]);
});
