import { StartCheck } from "../../../../lib/engines/batch/start_check.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("StartCheck.isHopeless() is true after three parts in a row that could not start", () => {
  const check = new StartCheck();
  const starts = [
    "failed",
    "failed",
    "succeeded",
    "failed",
    "unknown",
    "failed",
    "failed",
  ] as const;
  assertEquals(starts.map((start) => check.isHopeless(start)), [
    false,
    false,
    false,
    false,
    false,
    false,
    true,
  ]);
});
