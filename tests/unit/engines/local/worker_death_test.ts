import type { Verdict } from "../../../../lib/engines/local/watchdog.ts";
import { blame, type WorkerDeath } from "../../../../lib/engines/local/worker_death.ts";
import type { FailedAttempt } from "../../../../lib/journal/format.ts";
import type { Task } from "../../../../lib/tasks/batch.ts";
import { assertEquals } from "../../../support/assert.ts";

const args = new Uint8Array([55]);

function tasksOf(...ids: readonly number[]): Task[] {
  return ids.map((id) => ({ id, attempt: 2, args }));
}

function deathBy(end: number | Deno.Signal, more: Partial<WorkerDeath> = {}): WorkerDeath {
  const status = typeof end === "number"
    ? { success: false, code: end, signal: null }
    : { success: false, code: 137, signal: end };
  return { status, isOom: false, stderr: "", verdict: undefined, lastFailure: undefined, ...more };
}

Deno.test("blame() charges the only task in flight", async (t) => {
  const error = (message: string, type: string, kind: string) => ({ message, type, class: kind });
  const cases: [name: string, death: WorkerDeath, type: string, error: unknown][] = [
    [
      "an exit",
      deathBy(3),
      "failed",
      error("its worker exited with code 3", "WorkerDied", "crash"),
    ],
    [
      "an exit with an error on stderr",
      deathBy(1, { stderr: "starting\nTypeError: no\n  at x\n" }),
      "failed",
      error("its worker exited with code 1: TypeError: no", "WorkerDied", "crash"),
    ],
    [
      "an exit with other words on stderr",
      deathBy(1, { stderr: "starting\ndone\n" }),
      "failed",
      error("its worker exited with code 1: done", "WorkerDied", "crash"),
    ],
    [
      "a limit of the system",
      deathBy(1, {
        stderr: "\nDeno could not start: unable to create worker threads.\n\nArgs: []",
      }),
      "lost",
      error(
        "its worker ended: the limit on processes is reached, raise it (ulimit -u, or the limit " +
          "of the container or cgroup), or use fewer --workers",
        "WorkerDied",
        "lost",
      ),
    ],
    [
      "an abort",
      deathBy("SIGABRT"),
      "failed",
      error("its worker was killed by SIGABRT", "WorkerDied", "crash"),
    ],
    [
      "a kill",
      deathBy("SIGKILL"),
      "lost",
      error(
        "its worker was killed (SIGKILL), often the kernel's out-of-memory killer: " +
          "try --memory 4GB or fewer --workers",
        "WorkerDied",
        "lost",
      ),
    ],
    [
      "a kill by the kernel for memory",
      deathBy("SIGKILL", { isOom: true }),
      "failed",
      error(
        "its worker was killed by the kernel because memory was short: give it more memory or use " +
          "fewer --workers",
        "OutOfMemory",
        "oom",
      ),
    ],
    [
      "an invalid response",
      deathBy("SIGKILL", { violation: "a block has no head", lastFailure: "crash" }),
      "failed",
      error(
        "its worker sent an invalid response and was killed: a block has no head",
        "InvalidResponse",
        "crash",
      ),
    ],
    [
      "no memory left",
      deathBy("SIGTRAP", { stderr: "#\n# Fatal JavaScript out of memory: Reached heap limit\n#" }),
      "failed",
      error(
        "its worker ran out of memory; raise the option memory",
        "OutOfMemory",
        "oom",
      ),
    ],
    [
      "a kill after words about memory",
      deathBy("SIGTERM", { stderr: "# Fatal JavaScript out of memory: in a child\nzoom level 12" }),
      "lost",
      error("its worker was killed by SIGTERM: zoom level 12", "WorkerDied", "lost"),
    ],
    [
      "an abort after words about memory",
      deathBy("SIGABRT", { stderr: "room 7: out of memory" }),
      "failed",
      error("its worker was killed by SIGABRT: room 7: out of memory", "WorkerDied", "crash"),
    ],
    [
      "a promise that never settles",
      deathBy(1, { stderr: "started\nerror: a promise never resolved\n" }),
      "failed",
      error("it awaits a promise that can never settle", "WorkerDied", "crash"),
    ],
    [
      "an exit after words about a promise",
      deathBy(4, { stderr: "error: a promise never resolved" }),
      "failed",
      error(
        "its worker exited with code 4: error: a promise never resolved",
        "WorkerDied",
        "crash",
      ),
    ],
    [
      "an exit after other words about a promise",
      deathBy(1, { stderr: "my promise never resolved" }),
      "failed",
      error("its worker exited with code 1: my promise never resolved", "WorkerDied", "crash"),
    ],
  ];
  for (const [name, death, type, expected] of cases) {
    await t.step(name, () => {
      const { failures, suspects, innocent } = blame(tasksOf(7), death);
      assertEquals([suspects, innocent], [[], []]);
      const ms = type === "failed" ? { ms: 0 } : {};
      const event = { id: 7, attempt: 2, type, ...ms, error: expected } as FailedAttempt["event"];
      assertEquals(failures, [{ event, args, checkpoint: undefined }]);
    });
  }
});

Deno.test("blame() suspects each of several tasks in flight", () => {
  const inFlight = tasksOf(7, 8, 9);
  assertEquals(blame(inFlight, deathBy("SIGABRT")), {
    failures: [],
    suspects: inFlight,
    innocent: [],
  });
});

Deno.test("blame() charges no task when one has reported that it ends the worker", () => {
  const inFlight = tasksOf(7, 8), death = deathBy(3, { lastFailure: "crash" });
  assertEquals(blame(inFlight, death), { failures: [], suspects: [], innocent: inFlight });
});

Deno.test("blame() charges the tasks that the watchdog names", () => {
  const verdict: Verdict = {
    ids: [8, 70],
    error: { message: "late", type: "Timeout", class: "timeout" },
    ms: 1200,
  };
  const { failures, suspects, innocent } = blame(tasksOf(7, 8, 9), deathBy("SIGKILL", { verdict }));
  assertEquals(suspects, []);
  assertEquals(innocent, tasksOf(7, 9));
  const { error, ms = 0 } = verdict;
  const event = { id: 8, attempt: 2, type: "failed", ms, error } as const;
  assertEquals(failures, [{ event, args, checkpoint: undefined }]);
});

Deno.test("blame() runs several tasks alone when one may be the cause for all", () => {
  const error = { message: "its worker used 2 GB", type: "OutOfMemory", class: "oom" } as const;
  const blamed = (...ids: number[]) =>
    blame(tasksOf(7, 8, 9), deathBy("SIGKILL", { verdict: { ids, error, isShared: true } }));
  assertEquals(blamed(7, 9), { failures: [], suspects: tasksOf(7, 9), innocent: tasksOf(8) });
  const { failures, suspects, innocent } = blamed(8);
  assertEquals([failures.map(({ event }) => event.id), suspects], [[8], []]);
  assertEquals(innocent, tasksOf(7, 9));
});

Deno.test("blame() charges nothing when nothing was in flight", () => {
  assertEquals(blame([], deathBy(1)), { failures: [], suspects: [], innocent: [] });
});
