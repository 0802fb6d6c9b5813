import { OrphanReaper } from "../../../../lib/engines/local/orphan_reaper.ts";
import { ProcessTree } from "../../../../lib/util/process/process_tree.ts";
import { fromFileUrl } from "../../../../lib/util/paths.ts";
import { until, within } from "../../../../tools/support/until.ts";
import { assertEquals } from "../../../support/assert.ts";

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

Deno.test("OrphanReaper ends the workers that were added while its own start was refused", async () => {
  const workers = [sleeper(), sleeper()], { Command } = Deno;
  {
    await using reaper = new OrphanReaper();
    Deno.Command = function () {
      throw new Error("Resource temporarily unavailable (os error 11)");
    } as unknown as typeof Command;
    reaper.add(workers[0]!.pid);
    Deno.Command = Command;
    reaper.add(workers[1]!.pid);
  }
  const ends = await within(Promise.all(workers.map(({ status }) => status)), "the workers end");
  assertEquals(ends.map(({ signal }) => signal), ["SIGKILL", "SIGKILL"]);
});

Deno.test("OrphanReaper may be killed by a signal without a name", async () => {
  const worker = sleeper();
  const reaper = new OrphanReaper();
  reaper.add(worker.pid);
  const shell = new ProcessTree(Deno.pid).descendants().find((pid) => pid !== worker.pid)!;
  await until(() => commandOf(shell)?.includes("while read"), "the shell has started");
  await new Deno.Command("sh", { args: ["-c", `kill -40 ${shell}`] }).output();
  await until(() => !commandOf(shell), "the shell has ended");
  // An error that is not caught ends the tests meanwhile.
  await new Promise((resolve) => setTimeout(resolve, 50));
  await within(reaper[Symbol.asyncDispose](), "the reaper has ended");
  await end(worker);
});

Deno.test("OrphanReaper starts nothing without a worker", async () => {
  await within(new OrphanReaper()[Symbol.asyncDispose](), "a reaper without a worker");
});

/** Starts a worker, adds it to a reaper, and prints the pids of its children and its own. */
const ON_DENO = `
import { OrphanReaper } from ${JSON.stringify(here("lib/engines/local/orphan_reaper.ts"))};
const worker = new Deno.Command("sh", {
  args: ["-c", Deno.args[0]],
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

const IN_PYTHON = `
import os, subprocess, sys, time
sys.path.insert(0, sys.argv[2])
from dl_jobs.far_side.orphan_reaper import OrphanReaper
worker = subprocess.Popen(["sh", "-c", sys.argv[1]], start_new_session=True)
OrphanReaper().add(worker.pid)
# In one write, because the children of the worker write to the same pipe.
os.write(1, b"%d\\n" % worker.pid)
time.sleep(3600)`;

// `timeout` leaves the process group of the worker, and `setsid` its session.
const WORKER = `sleep 3600 & echo $!
timeout 7200 sleep 3600 & echo $!
setsid sleep 3600 & echo $!
wait`;

const CONTROLLERS: Record<string, [command: string, ...args: string[]]> = {
  "the controller": [
    ...[Deno.execPath(), "run", "-A", "--quiet"] as const,
    ...[`data:text/typescript,${encodeURIComponent(ON_DENO)}`, WORKER],
  ],
  "the far side in Python": ["python3", "-c", IN_PYTHON, WORKER, fromFileUrl(here("python"))],
};

for (const [name, [command, ...args]] of Object.entries(CONTROLLERS)) {
  Deno.test(`OrphanReaper ends workers and their children when ${name} is killed`, async () => {
    const controller = new Deno.Command(command, { args, stdout: "piped", stdin: "null" }).spawn();
    const reader = controller.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let said = "";
    while (said.trim().split("\n").length < 4 || !said.endsWith("\n")) {
      const { value } = await within(reader.read(), "four pids");
      said += value ?? "";
    }
    const pids = said.trim().split("\n").map(Number);
    assertEquals(pids.length, 4);
    // A process has the pid before it has its program.
    await until(() => pids.every((pid) => commandOf(pid)?.includes("sleep")), "all sleep");
    controller.kill("SIGKILL");
    await until(() => pids.every((pid) => commandOf(pid) === undefined), "all are gone");
    await reader.cancel();
    await controller.status;
  });
}

function here(path: string): string {
  return new URL(`../../../../${path}`, import.meta.url).href;
}

/** The command of a process; undefined when there is none, or it has ended. */
function commandOf(pid: number): string | undefined {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`) || undefined;
  } catch {
    return undefined;
  }
}
