import { readRunning, RunningFile } from "../../../lib/job_dir/running_tasks.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";

const running = (at: number, since: number) => ({
  at,
  workers: [{ worker: "0", pid: 7, tasks: [{ id: 3, attempt: 1, since }] }],
});

Deno.test("RunningFile exists while a task runs for longer than a second", async () => {
  await using folder = await makeFolder({ "running.json": '{"at":1,"workers":[]}' });
  const seen: unknown[] = [];
  {
    using file = new RunningFile(folder.path);
    seen.push(readRunning(folder.path));
    for (const [at, since] of [[5000, 4500], [6000, 4500], [7000, 6900], [9000, 6900]] as const) {
      file.write(running(at, since));
      seen.push(readRunning(folder.path)?.at);
    }
  }
  assertEquals([...seen, readRunning(folder.path)], [
    ...[undefined, undefined, 6000, undefined, 9000, undefined],
  ]);
});

Deno.test("RunningFile does not fail when its folder is gone", () => {
  using file = new RunningFile("/no/such/folder");
  file.write(running(9000, 1));
  assertEquals(readRunning("/no/such/folder"), undefined);
});

Deno.test("readRunning() returns nothing for a damaged file", async () => {
  for (const text of ["", "{", "null", "{}", "7"]) {
    await using folder = await makeFolder({ "running.json": text });
    assertEquals(readRunning(folder.path), undefined);
  }
});
