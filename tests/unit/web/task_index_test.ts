import type { FailureClass, TaskEvent } from "../../../lib/journal/format.ts";
import { TaskIndex } from "../../../lib/web/task_index.ts";
import { assertEquals } from "../../support/assert.ts";

function failed(id: number, kind: FailureClass, attempt = 1): TaskEvent {
  return { id, attempt, type: "failed", ms: 5, error: { message: "m", type: "T", class: kind } };
}

Deno.test("TaskIndex keeps the last state of each task", () => {
  const tasks = new TaskIndex();
  tasks.succeedAll(0, 2, 0.5);
  tasks.succeed(5000, 2, 12);
  tasks.add(failed(3, "oom", 300));
  tasks.add(failed(4, "error"));
  tasks.add({ id: 4, attempt: 1, type: "queued" });
  assertEquals([1, 2, 3, 4, 5000, 1e9].map((id) => tasks.of(id)), [
    { state: "succeeded", attempt: 1, ms: 0.5 },
    { state: "open", attempt: 0, ms: 0 },
    { state: "failed", class: "oom", attempt: 255, ms: 5 },
    { state: "open", attempt: 1, ms: 5 },
    { state: "succeeded", attempt: 2, ms: 12 },
    { state: "open", attempt: 0, ms: 0 },
  ]);
});

Deno.test("TaskIndex selects states and classes of failures", () => {
  const tasks = new TaskIndex();
  tasks.succeed(0, 1, 1);
  tasks.add(failed(1, "timeout"));
  tasks.add(failed(2, "invalid"));
  const ids = [0, 1, 2, 3, 2000];
  const found = (["", "open", "succeeded", "failed", "timeout", "invalid", "lost"] as const)
    .map((state) => [state, ids.filter(tasks.isIn(state))]);
  assertEquals(found, [
    ["", ids],
    ["open", [3, 2000]],
    ["succeeded", [0]],
    ["failed", [1, 2]],
    ["timeout", [1]],
    ["invalid", [2]],
    ["lost", []],
  ]);
  assertEquals(ids.filter(tasks.isIn("constructor" as "open")), []);
});
