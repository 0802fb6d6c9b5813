import {
  clearOrders,
  dropFolder,
  hasOrder,
  holdFile,
  hostFiles,
  makeHostFolder,
  missingFiles,
  noteFile,
  takeOver,
} from "../../../../lib/engines/stream/host_folder.ts";
import { exists, readIfThere } from "../../../../lib/util/files/fs.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { until, within } from "../../../../tools/support/until.ts";
import { assertEquals, assertMatch } from "../../../support/assert.ts";

/** A process that has the number of the one that holds a file on another machine. */
function startOther(path: string) {
  const child = new Deno.Command("sleep", { args: ["60"] }).spawn();
  assertMatch(Deno.readTextFileSync(path), /^\d+ /);
  Deno.writeTextFileSync(path, `${child.pid} the boot of another machine`);
  return child;
}

async function assertRuns(child: Deno.ChildProcess): Promise<void> {
  child.kill("SIGUSR1");
  assertEquals((await child.status).signal, "SIGUSR1");
}

Deno.test("dropFolder() ends a process of another machine with the same folder by an order", async () => {
  await using folder = await makeFolder();
  const files = hostFiles(folder.path, "job");
  makeHostFolder(files);
  const lock = holdFile(files.lock)!, other = startOther(files.lock);
  const dropping = dropFolder(files, 0);
  await until(() => hasOrder(files, "cancel"), "the order is given");
  lock.close();
  await dropping;
  assertEquals(exists(files.dir), false);
  await assertRuns(other);
});

Deno.test("takeOver() waits for a process of another machine with the same folder", async () => {
  await using folder = await makeFolder();
  const files = hostFiles(folder.path, "job");
  makeHostFolder(files);
  const held = holdFile(files.attached)!, other = startOther(files.attached);
  setTimeout(() => held.close(), 100);
  (await takeOver(files.attached)).close();
  await assertRuns(other);
});

Deno.test("takeOver() ends a process that is stopped", async () => {
  await using folder = await makeFolder();
  const files = hostFiles(folder.path, "job");
  makeHostFolder(files);
  const module = new URL("../../../../lib/engines/stream/host_folder.ts", import.meta.url).href;
  const code = `import { holdFile } from "${module}";
    holdFile(${JSON.stringify(files.attached)});
    Deno.kill(Deno.pid, "SIGSTOP");`;
  const child = new Deno.Command(Deno.execPath(), { args: ["eval", code] }).spawn();
  const isStopped = () => /^State:\s+T/m.test(readIfThere(`/proc/${child.pid}/status`));
  await until(isStopped, "the process has stopped");
  (await within(takeOver(files.attached), "the lock is taken")).close();
  assertEquals((await child.status).signal, "SIGKILL");
});

Deno.test("clearOrders() removes the orders of an earlier controller", async () => {
  await using folder = await makeFolder({ "jobs/job/end": "", "jobs/job/cancel": "" });
  const files = hostFiles(folder.path, "job");
  clearOrders(files);
  assertEquals([hasOrder(files, "end"), hasOrder(files, "cancel")], [false, false]);
});

Deno.test("missingFiles() has the files that are not there, or there in another version", async () => {
  await using folder = await makeFolder();
  const files = hostFiles(folder.path, "job"), names = ["program", "work/a", "work/b"];
  const missing = (versions: Record<string, string>) =>
    missingFiles(files, { files: names, versions });
  makeHostFolder(files);
  assertEquals(missing({}), names);
  for (const name of names) Deno.writeTextFileSync(`${files.dir}/${name}`, "");
  noteFile(files, "program");
  noteFile(files, "work/a", "1");
  noteFile(files, "work/b", "1");
  assertEquals(missing({ "work/a": "1", "work/b": "2" }), ["work/b"]);
  // A process that is killed may leave a part of a line.
  Deno.writeTextFileSync(files.received, '["work/b", "2', { append: true });
  assertEquals(missing({ "work/a": "1", "work/b": "2" }), ["work/b"]);
  noteFile(files, "work/b", "2");
  noteFile(files, "work/b", "2");
  assertEquals(missing({ "work/a": "1", "work/b": "2" }), []);
  // A file that the controller has no more has no version.
  assertEquals(missing({ "work/a": "1" }), []);
});
