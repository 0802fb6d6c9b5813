import { startLightInterval, startLightTimer } from "../../../../lib/util/time/light_timer.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("startLightTimer() calls a function once, unless it is stopped", async () => {
  const calls: string[] = [];
  startLightTimer(() => calls.push("stopped"), 1)();
  const stop = startLightTimer(() => calls.push("late"), 2 ** 40);
  await new Promise<void>((resolve) => {
    startLightTimer(() => {
      calls.push("called");
      startLightTimer(resolve, 5);
    }, 5);
  });
  stop();
  assertEquals(calls, ["called"]);
});

Deno.test("startLightInterval() calls a function until it is stopped", async () => {
  let calls = 0;
  await new Promise<void>((resolve) => {
    const stop = startLightInterval(() => {
      if (++calls < 3) return;
      stop();
      resolve();
    }, 1);
  });
  await new Promise<void>((resolve) => startLightTimer(resolve, 10));
  assertEquals(calls, 3);
});

Deno.test("a light timer does not load Node's timers", async () => {
  const module = new URL("../../../../lib/util/time/light_timer.ts", import.meta.url).href;
  const code = `Object.defineProperty(globalThis, "setTimeout", { get: () => Deno.exit(1) });
    const { startLightTimer } = await import("${module}");
    await new Promise((resolve) => startLightTimer(resolve, 1));
    Deno.exit(0);`;
  const { code: status } = await new Deno.Command(Deno.execPath(), { args: ["eval", code] })
    .output();
  assertEquals(status, 0);
});
