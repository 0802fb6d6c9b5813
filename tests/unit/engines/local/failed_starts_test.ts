import { type FailedStart, FailedStarts } from "../../../../lib/engines/local/failed_starts.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

function statusOf(end: number | Deno.Signal): Deno.CommandStatus {
  return typeof end === "number"
    ? { success: end === 0, code: end, signal: null }
    : { success: false, code: 137, signal: end };
}

function failedStart(end: number | Deno.Signal, stderr = "", verdict?: string): FailedStart {
  return { status: statusOf(end), stderr, verdict };
}

/** Adds starts until one is too many; returns how many there were before, and the message. */
function giveUp(starts: FailedStarts, start: FailedStart): [before: number, message: string] {
  for (let before = 0;; before++) {
    try {
      starts.add(start);
    } catch (error) {
      return [before, (error as Error).message];
    }
  }
}

Deno.test("FailedStarts gives up at once on a program that exits with an error", async (t) => {
  const cases: [stderr: string, message: string][] = [
    ["error: Module not found\n\nStack backtrace:\n 0: x", "Module not found"],
    [
      "error: Import 'https://example.org/a.ts' failed, not found.\n",
      "https://example.org/a.ts: the server answered 404, check the address",
    ],
    [
      "",
      "it exits at once with code 1 and prints nothing; look for what ends the process where the " +
      "function's module is loaded",
    ],
  ];
  for (const [stderr, message] of cases) {
    await t.step(message, () => {
      assertThrows(
        () => new FailedStarts().add(failedStart(1, stderr)),
        UsageError,
        `Cannot start a worker: ${message}`,
      );
    });
  }
});

Deno.test("FailedStarts gives up at the fifth that ends by itself otherwise", () => {
  for (const end of [0, "SIGSEGV", "SIGABRT"] as const) {
    const message =
      `Cannot start a worker: it exits at once with ${
        end || "code 0"
      } and prints nothing; look for ` +
      "what ends the process where the function's module is loaded";
    assertEquals(giveUp(new FailedStarts(), failedStart(end)), [4, message]);
  }
  const verdict = "its worker used 300 MB of memory, more than the limit of 200 MB, and was killed";
  assertEquals(
    giveUp(new FailedStarts(), failedStart("SIGKILL", "", verdict)),
    [4, `Cannot start a worker: ${verdict}`],
  );
});

Deno.test("FailedStarts gives up at the twentieth that is killed from outside", () => {
  for (const signal of ["SIGKILL", "SIGTERM", "SIGHUP"] as const) {
    assertEquals(giveUp(new FailedStarts(), failedStart(signal, "noise")), [
      19,
      `Cannot start a worker: 20 in a row were killed by ${signal} before they were ready; ` +
      "find out what kills processes on this machine (it may be short of memory), " +
      "then run dl_jobs resume",
    ]);
  }
});

Deno.test("FailedStarts counts kills and exits apart, and only those in a row", () => {
  const starts = new FailedStarts();
  for (let i = 0; i < 19; i++) starts.add(failedStart("SIGKILL"));
  for (let i = 0; i < 4; i++) starts.add(failedStart(0));
  starts.reset();
  assertEquals(giveUp(starts, failedStart("SIGKILL"))[0], 19);
  starts.reset();
  assertEquals(giveUp(starts, failedStart(0))[0], 4);
});
