import { stateText, waitOf } from "../../../lib/job_dir/job_wait.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("waitOf() passes over the question of a process that was killed", () => {
  const since = "2026-11-27T12:00:00.000Z", holder = { pid: 1, host: "a", since };
  const cases = [
    [{}, undefined],
    [{ asked: "2026-11-27T12:00:01.000Z" }, "asks"],
    [{ asked: "2026-11-27T11:59:59.000Z" }, undefined],
    [{ isPaused: true }, "paused"],
    [{ isPaused: true, asked: "2026-11-27T12:00:01.000Z" }, "paused"],
  ] as const;
  for (const [record, waits] of cases) assertEquals(waitOf(record, holder), waits);
});

Deno.test("stateText() adds the reason that no more tasks begin", () => {
  assertEquals(stateText("running"), "running");
  assertEquals(stateText("running", "asks"), "running, waiting for an answer after the canary");
});
