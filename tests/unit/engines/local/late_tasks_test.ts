import { LateTasks, timeoutError } from "../../../../lib/engines/local/late_tasks.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("LateTasks turns each end of a late task into a timeout", () => {
  let now = 100;
  const late = new LateTasks(() => now);
  const task = { id: 3, attempt: 2, args: new Uint8Array(1), checkpoint: new Uint8Array(2) };
  assertEquals(late.take(task), undefined);
  assertEquals([late.add(3, 20, 50), late.add(3, 20, 50), late.size], [true, false, 1]);
  now = 120;
  const error = timeoutError(50), { args, checkpoint } = task;
  const event = { id: 3, attempt: 2, type: "failed", ms: 100 } as const;
  assertEquals(late.take(task), {
    event: { ...event, error: { ...error, stack: undefined } },
    args,
    checkpoint,
  });
  assertEquals(late.size, 0);
  late.add(3, 20, 50);
  const thrown = { message: "aborted", type: "AbortError", class: "error" } as const;
  assertEquals(late.take(task, thrown)?.event.error.stack, "AbortError: aborted");
  assertEquals(error.message, "it ran longer than the timeout of 0.05 s");
});
