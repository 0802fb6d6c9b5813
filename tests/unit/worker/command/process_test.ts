/**
 * The starts and ends of programs.
 *
 * @module
 */

import { runProcess } from "../../../../lib/worker/command/process.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";

const START = { env: {}, isLogged: true, most: 0 };

Deno.test("a signal without a name is the end of a program, too", async () => {
  const { status } = await runProcess("/bin/sh", ["-c", "kill -34 $$"], START);
  assertEquals(status, { success: false, code: 162, signal: "signal 34" });
});

Deno.test("half of a character at the end of stderr is not lost", async () => {
  const { stderr } = await runProcess("/bin/sh", ["-c", "printf 'a\\303' >&2"], START);
  assertEquals(stderr, "a\ufffd");
});

Deno.test("a program that cannot start is an error with the reason", async (t) => {
  await using folder = await makeFolder({ "secret/tool": "", "script": "#!/nowhere/sh\n" });
  const { path } = folder;
  await Deno.chmod(`${path}/script`, 0o755);
  const cases: [program: string, name: string, reason: string][] = [
    ["lost", "NotFound", "it no longer exists"],
    ["secret", "PermissionDenied", "Permission denied"],
    [
      "script",
      "NotFound",
      "its first line names the interpreter /nowhere/sh, which the system cannot find; install it " +
      "or correct the line",
    ],
  ];
  for (const [program, name, reason] of cases) {
    await t.step(program, async () => {
      const error = await assertRejects(() => runProcess(`${path}/${program}`, [], START), Error);
      const message = `Cannot start ${path}/${program}: ${reason}`;
      assertEquals([error.name, error.message], [name, message]);
    });
  }
});

Deno.test("runProcess() starts no program for a task that is canceled while it waits", async () => {
  const { Command } = Deno, canceled = new AbortController();
  let starts = 0;
  Deno.Command = class extends Command {
    override spawn(): Deno.ChildProcess {
      if (starts++ > 0) return super.spawn();
      setTimeout(() => canceled.abort());
      throw new Error("Resource temporarily unavailable (os error 11)");
    }
  };
  try {
    const start = { ...START, isLogged: false, signal: canceled.signal };
    await assertRejects(() => runProcess("true", [], start), Error, "os error 11");
    assertEquals(starts, 1);
  } finally {
    Deno.Command = Command;
  }
});
