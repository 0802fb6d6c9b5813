import { warnSlowStart } from "../../../../lib/engines/local/slow_start.ts";
import { readProcessStat } from "../../../../lib/util/process/process_stat.ts";
import { until } from "../../../../tools/support/until.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("warnSlowStart() tells why a worker is not ready", async () => {
  const texts: string[] = [];
  using _watch = warnSlowStart(Deno.pid, () => false, (text) => texts.push(text), 1);
  await until(() => texts.length > 0, "it has warned");
  assertEquals(texts, [
    `Waiting for worker process ${Deno.pid}, which is not ready after 1 ms: the top level of its ` +
    "module, or setup, has not ended",
  ]);
});

Deno.test("warnSlowStart() does not warn about a worker that is ready or has ended", async () => {
  const texts: string[] = [], warn = (text: string) => texts.push(text);
  const asked = Promise.withResolvers<void>();
  const isReady = () => {
    asked.resolve();
    return true;
  };
  warnSlowStart(Deno.pid, () => false, warn, 1)[Symbol.dispose]();
  using _watch = warnSlowStart(Deno.pid, isReady, warn, 2);
  await asked.promise;
  assertEquals(texts, []);
});

Deno.test({
  name: "warnSlowStart() names the way out for a worker that is stopped",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const child = new Deno.Command("sleep", { args: ["60"] }).spawn();
    try {
      child.kill("SIGSTOP");
      await until(() => readProcessStat(child.pid)?.state === "T", "it is stopped");
      const texts: string[] = [];
      using _watch = warnSlowStart(child.pid, () => false, (text) => texts.push(text), 1);
      await until(() => texts.length > 0, "it has warned");
      assertEquals(texts, [
        `Waiting for worker process ${child.pid}, which is not ready after 1 ms: it is stopped, ` +
        `kill -CONT ${child.pid} continues it`,
      ]);
    } finally {
      child.kill("SIGKILL");
      await child.status;
    }
  },
});
