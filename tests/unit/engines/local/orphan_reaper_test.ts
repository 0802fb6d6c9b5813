import { OrphanReaper } from "../../../../lib/engines/local/orphan_reaper.ts";
import { until, within } from "../../../../tools/support/until.ts";
import { assertEquals, assertStringIncludes } from "../../../support/assert.ts";

/** A process in a group of its own, as workers are. */
function sleeper(): Deno.ChildProcess {
  return new Deno.Command("sleep", { args: ["3600"], stdin: "null", detached: true }).spawn();
}

async function end(process: Deno.ChildProcess): Promise<void> {
  Deno.kill(-process.pid, "SIGKILL");
  await process.status;
}

Deno.test("OrphanReaper ends the workers that were added and not removed", async () => {
  const [left, removed, last] = [sleeper(), sleeper(), sleeper()];
  {
    await using reaper = new OrphanReaper();
    for (const { pid } of [left, removed, last]) reaper.add(pid);
    reaper.remove(removed.pid);
  }
  const statuses = await within(Promise.all([left.status, last.status]), "the workers end");
  assertEquals(statuses.map(({ signal }) => signal), ["SIGKILL", "SIGKILL"]);
  let isGone = false;
  removed.status.then(() => isGone = true);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assertEquals(isGone, false);
  await end(removed);
});

Deno.test("OrphanReaper starts nothing without a worker", async () => {
  await within(new OrphanReaper()[Symbol.asyncDispose](), "a reaper without a worker");
});

// `timeout` leaves the process group of the worker, and `setsid` its session.
Deno.test("OrphanReaper ends workers and their children when the controller is killed", async () => {
  const module = new URL("../../../../lib/engines/local/orphan_reaper.ts", import.meta.url).href;
  const code = `
    import { OrphanReaper } from ${JSON.stringify(module)};
    const worker = new Deno.Command("sh", {
      args: ["-c", "sleep 3600 & echo $!; timeout 7200 sleep 3600 & echo $!; setsid sleep 3600 & echo $!; wait"],
      stdout: "inherit",
      detached: true,
    }).spawn();
    const written = [], { write } = WritableStreamDefaultWriter.prototype;
    WritableStreamDefaultWriter.prototype.write = function (chunk) {
      written.push(write.call(this, chunk));
      return written.at(-1);
    };
    new OrphanReaper().add(worker.pid);
    // The message is in the pipe then, and survives this process.
    await Promise.all(written);
    console.log(worker.pid);
    setInterval(() => {}, 1000);`;
  const controller = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", `data:text/typescript,${encodeURIComponent(code)}`],
    stdout: "piped",
    stdin: "null",
  }).spawn();
  const reader = controller.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (said.trim().split("\n").length < 4 || !said.endsWith("\n")) {
    const { value } = await within(reader.read(), "four pids");
    said += value ?? "";
  }
  const pids = said.trim().split("\n").map(Number);
  assertEquals(pids.length, 4);
  for (const pid of pids) assertStringIncludes(commandOf(pid) ?? "", "sleep");
  controller.kill("SIGKILL");
  await until(() => pids.every((pid) => commandOf(pid) === undefined), "all are gone");
  await reader.cancel();
  await controller.status;
});

/** The command of a process; undefined when there is none, or it has ended. */
function commandOf(pid: number): string | undefined {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`) || undefined;
  } catch {
    return undefined;
  }
}
