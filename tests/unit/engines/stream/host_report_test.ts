import { describeHosts, HostReport } from "../../../../lib/engines/stream/host_report.ts";
import { JobLock } from "../../../../lib/job_dir/lock.ts";
import { plainLine } from "../../../../lib/terminal/progress_line.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("describeHosts() tells that no process is connected to the hosts of a dead controller", async () => {
  const hosts = [
    { name: "pod-1", state: "there", workers: 2, tasks: 62 },
    { name: "pod-2", state: "new", workers: 0, tasks: 0, reason: "no room" },
    { name: "pod-3", state: "out", workers: 0, tasks: 0, reason: "its disk is full" },
  ];
  await using folder = await makeFolder({ "kubernetes/hosts.json": JSON.stringify(hosts) });
  const texts = () => describeHosts(folder.path, "kubernetes").map(({ text }) => text);
  {
    using _lock = await JobLock.take(folder.path);
    assertEquals(texts(), [
      "pod-1: there, 2 workers, 62 tasks in flight",
      "pod-2: connecting (no room)",
      "pod-3: left out (its disk is full)",
    ]);
  }
  assertEquals(texts(), [
    "pod-1: away (no process runs the job), 2 workers, 62 tasks in flight",
    "pod-2: away (no process runs the job)",
    "pod-3: left out (its disk is full)",
  ]);
  assertEquals(describeHosts(folder.path, "ssh"), []);
  Deno.writeTextFileSync(`${folder.path}/kubernetes/hosts.json`, "");
  assertEquals(describeHosts(folder.path, "kubernetes"), []);
});

Deno.test("HostReport counts the machines of Kubernetes as pods", () => {
  const counts = { read: 0, succeeded: 0, failed: 0, retried: 0 };
  const machines = ["kubernetes", "ssh"].map((engine) => {
    const activity = new HostReport("", engine, []).activity(1);
    return /of \d+ \w+$/.exec(plainLine({ counts, ms: 0, perMs: 0, activity }))?.[0];
  });
  assertEquals(machines, ["of 0 pods", "of 0 hosts"]);
});
