import { startLimitIn, startLimitOf } from "../../../../lib/util/process/refused_start.ts";
import { assertEquals } from "../../../support/assert.ts";

const PROCESSES = "the limit on processes is reached, raise it (ulimit -u, or the limit of the " +
  "container or cgroup)";
const FILES = "the limit on open files is reached, raise it (ulimit -n)";

Deno.test("startLimitOf() names the limit that prevents a start", () => {
  const cases: [message: string, reason: string | undefined][] = [
    ["Failed to spawn '/bin/cat': Resource temporarily unavailable (os error 11)", PROCESSES],
    ["Failed to spawn '/bin/cat': Too many open files (os error 24)", FILES],
    ["Too many open files (os error 24)", FILES],
    [
      "Failed to spawn 'cat': Cannot allocate memory (os error 12)",
      "the machine has no memory for another process, free some",
    ],
    ["Failed to spawn 'cat': No such file or directory (os error 2)", undefined],
    ["no", undefined],
  ];
  for (const [message, reason] of cases) assertEquals(startLimitOf(new Error(message)), reason);
  assertEquals(startLimitOf("(os error 24)"), undefined);
});

Deno.test("startLimitIn() finds the limit that ended a process in its stderr", () => {
  const cases: [stderr: string, reason: string | undefined][] = [
    ["=====\nDeno could not start: unable to create worker threads.\n\nThis usually", PROCESSES],
    ["pyenv: line 3: fork: retry: Resource temporarily unavailable\n", PROCESSES],
    ["x.sh: fork: Resource temporarily unavailable", PROCESSES],
    ["/bin/sh: 1: Cannot fork\n", PROCESSES],
    ["BlockingIOError: [Errno 11] Resource temporarily unavailable", undefined],
    ["", undefined],
  ];
  for (const [stderr, reason] of cases) assertEquals(startLimitIn(stderr), reason);
});
