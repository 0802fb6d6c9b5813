import { exitStatusOf } from "../../../../lib/util/process/process_status.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";

Deno.test("exitStatusOf() names a signal for which Deno has no name by its number", async () => {
  const failed = (message: string) =>
    exitStatusOf({ status: Promise.reject(new TypeError(message)) });
  assertEquals(await failed("Invalid signal: 34"), {
    success: false,
    code: 162,
    signal: "signal 34",
  });
  await assertRejects(() => failed("no"), TypeError, "no");
  const ended = { success: false, code: 143, signal: "SIGTERM" } as const;
  assertEquals(await exitStatusOf({ status: Promise.resolve(ended) }), ended);
});
