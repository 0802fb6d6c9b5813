import { exitError } from "../../../../lib/worker/command/exit_status.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("the exit status of a program decides the class of its failure", async (t) => {
  const killed = "p was killed (SIGKILL), often by the kernel's out-of-memory killer, try fewer " +
    "--workers";
  const cases: [code: number, signal: string | null, kind: string, message: string][] = [
    [1, null, "error", "p exited with status 1"],
    [75, null, "limited", "p exited with status 75"],
    [124, null, "timeout", "p exited with status 124"],
    [127, null, "error", "p exited with status 127"],
    [137, null, "oom", killed],
    [137, "SIGKILL", "oom", killed],
    [139, "SIGSEGV", "crash", "p was killed by SIGSEGV"],
    [139, null, "crash", "p exited with status 139 (SIGSEGV)"],
    [134, null, "crash", "p exited with status 134 (SIGABRT)"],
    [141, null, "error", "p exited with status 141 (SIGPIPE)"],
    [143, null, "error", "p exited with status 143 (SIGTERM)"],
    [143, "SIGTERM", "crash", "p was killed by SIGTERM"],
    [162, "signal 34", "crash", "p was killed by signal 34"],
    [128, null, "error", "p exited with status 128"],
    [144, null, "error", "p exited with status 144"],
    [255, null, "error", "p exited with status 255"],
  ];
  for (const [code, signal, kind, message] of cases) {
    await t.step(`${code} ${signal}`, () => {
      const error = { message, type: "ExitStatus", class: kind, stack: undefined };
      assertEquals(exitError("p", { code, signal }, "") as unknown, error);
    });
  }
});

Deno.test("the failure of a program has the end of its stderr", () => {
  const errorOf = (stderr: string) => {
    const { message, stack } = exitError("p", { code: 1, signal: null }, stderr);
    return [message, stack];
  };
  assertEquals(errorOf("no such band\n"), ["p exited with status 1: no such band", undefined]);
  assertEquals(errorOf("one\n  two\r\n\n"), ["p exited with status 1: two", "one\n  two"]);
  // A progress bar writes over itself.
  const bar = "read\r\n 10%\r 50%\rno space left\r\n";
  assertEquals(errorOf(bar), ["p exited with status 1: no space left", "read\nno space left"]);
});
