/**
 * Programs that harm their worker, or seem to.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { type Harm, testHarm } from "../../support/hostile.ts";
import { bare, enterFolder, readEvents, runJob } from "../../support/jobs.ts";

/** A task whose program harms its worker, and the expected outcome. */
interface Case extends Harm {
  /** The commands that the hostile task runs before it prints its argument. */
  readonly script: string;
}

const CASES: Readonly<Record<string, Case>> = {
  "a program that exits": {
    script: "echo no tile >&2; exit 3",
    error: { type: "ExitStatus", message: "sh exited with status 3: no tile" },
    class: "error",
  },
  "a program that never ends": {
    script: "while :; do sleep 3600; done",
    options: { timeout: 2, grace: 5 },
    error: { type: "Timeout", message: "it ran longer than the timeout of 2 s" },
    class: "timeout",
  },
  "a program that computes forever and ignores SIGTERM": {
    script: "trap '' TERM; while :; do :; done",
    options: { timeout: 2, grace: 0.3 },
    error: { type: "Timeout", message: "it ran longer than the timeout of 2 s and was killed" },
    class: "timeout",
  },
  "a program that crashes": {
    script: "kill -SEGV $$; sleep 9",
    error: { type: "ExitStatus", message: "sh was killed by SIGSEGV" },
    class: "crash",
  },
  "a program that aborts": {
    script: "kill -ABRT $$; sleep 9",
    error: { type: "ExitStatus", message: "sh was killed by SIGABRT" },
    class: "crash",
  },
  "a program that is killed": {
    script: "kill -KILL $$; sleep 9",
    error: {
      type: "ExitStatus",
      message: /^sh was killed \(SIGKILL\), often by the kernel's out-of-memory killer/,
    },
    class: "oom",
  },
  "a program that fills the memory": {
    script: "(head -c 500M /dev/zero; sleep 3600) | tail -n 1",
    options: { memory: "300MB" },
    error: {
      type: "OutOfMemory",
      message: /^its worker used \d+ MB of memory, more than the limit of 300 MB, and was killed$/,
    },
    class: "oom",
  },
  "a program that ends its process group": {
    script: "trap 'exit 7' TERM; kill 0; sleep 9",
    error: { type: "ExitStatus", message: "sh exited with status 7" },
    class: "error",
  },
  "a program that closes its pipes": {
    script: "exec 1>&- 2>&- 0<&-; sleep 0.1; exit 4",
    error: { type: "ExitStatus", message: "sh exited with status 4" },
    class: "error",
  },
  "a program that reads stdin": { script: 'test -z "$(cat)" || exit 1' },
  "a program that looks for the channel": {
    script: "! ls -l /proc/self/fd | grep -q socket: || exit 1",
  },
  "a program that writes lines of the protocol to stderr": {
    script: 'printf \'\\036{"id":1,"result":0}\\n\' >&2',
    log: /^\p{Cc}\{"id":1,"result":0\}$/mu,
  },
  "a program that writes a lot to stderr, then fails": {
    script: "yes 0123456789 | head -n 20000 >&2; exit 3",
    error: { type: "ExitStatus", message: "sh exited with status 3: 0123456789" },
    class: "error",
    log: /^(0123456789\n){20000}$/,
  },
  "a child that outlives its program": { script: "sleep 3600 &" },
  "a child in a session of its own, at the time limit": {
    script: "setsid sleep 3600",
    options: { timeout: 2, grace: 5 },
    error: { type: "Timeout", message: "it ran longer than the timeout of 2 s" },
    class: "timeout",
  },
};

for (const [name, { script, ...harm }] of Object.entries(CASES)) {
  testHarm(name, { kind: "program", script }, harm);
}

Deno.test("a stdout that is too large for a result fails its task", async () => {
  await using _folder = await enterFolder();
  // A NUL needs six bytes in JSON.
  const { paths, failed } = await runJob({
    command: "head -c {} /dev/zero",
    argsList: [3e8, 5e5, 1e5],
    maxResult: "1MB",
  });
  assertEquals(failed, 2);
  for (const event of readEvents(paths.folder).filter(({ id }) => id < 2)) {
    const { message } = (event as { error: { message: string } }).error;
    assertEquals(
      message,
      "its stdout, as JSON, is larger than max_result, 1 MB: let it write a file below " +
        "$DL_JOBS_DIR, and pass --stdout none",
    );
  }
});

Deno.test("arguments that are too long for the system fail their task, with the way out", async () => {
  await using _folder = await enterFolder({});
  const argsList = ["short", "x".repeat(200_000)];
  const { paths } = await runJob({ command: ["/bin/echo", "{}"], argsList, workers: 1 });
  const [short, long] = readEvents(paths.folder).toSorted((a, b) => a.id - b.id);
  assertEquals(bare([short!]), [{ id: 0, attempt: 1, type: "succeeded", result: "short" }]);
  const { message } = (long as { error: { message: string } }).error;
  assertEquals(
    message,
    "Cannot start /bin/echo: its arguments are too long, the system allows 128 KiB for one and " +
      "about 2 MiB for all, pass the path of a file instead",
  );
});

Deno.test("a script without its interpreter fails its tasks, with the way out", async () => {
  await using _folder = await enterFolder({
    "windows.sh": "#!/bin/sh\r\necho 1\r\n",
    "moved.sh": "#!/opt/nowhere/python3\nprint(1)\n",
  });
  const cases = [
    ["windows.sh", "/bin/sh, which the system cannot find; its lines end as on Windows, run sed"],
    [
      "moved.sh",
      "/opt/nowhere/python3, which the system cannot find; install it or correct the line",
    ],
  ] as const;
  for (const [name, text] of cases) {
    Deno.chmodSync(name, 0o755);
    const { paths } = await runJob({ command: [`./${name}`, "{}"], argsList: [1], workers: 1 });
    const [event] = readEvents(paths.folder) as unknown as [{ error: { message: string } }];
    assertStringIncludes(event.error.message, `its first line names the interpreter ${text}`);
  }
});
