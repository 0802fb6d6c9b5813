import { runProcess } from "../../../../lib/worker/command/process.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";

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
    const start = { env: {}, isLogged: false, signal: canceled.signal };
    await assertRejects(() => runProcess("true", [], start), Error, "os error 11");
    assertEquals(starts, 1);
  } finally {
    Deno.Command = Command;
  }
});
