import { InFlight } from "../../../../lib/engines/shared/in_flight.ts";
import { RunningTaskTimes } from "../../../../lib/engines/shared/running_task_times.ts";
import { TaskBatch } from "../../../../lib/tasks/batch.ts";
import { assertEquals } from "../../../support/assert.ts";

function inFlightOf(count: number): InFlight {
  const inFlight = new InFlight();
  inFlight.push(TaskBatch.of(new TextEncoder().encode("1\n".repeat(count)), count, 0));
  return inFlight;
}

Deno.test("RunningTaskTimes begins a task with the responses before it", () => {
  let now = 1000;
  const inFlight = inFlightOf(3), times = new RunningTaskTimes(1, () => now);
  now = 5000;
  inFlight.complete(0);
  assertEquals(times.next(), 4000);
  now = 9000;
  assertEquals(times.of(inFlight), [{ id: 1, attempt: 1, since: 5000, among: undefined }]);
  assertEquals(times.of(inFlight, 2), [{ id: 1, attempt: 1, since: 5000, among: 2 }]);
});

Deno.test("RunningTaskTimes knows several tasks by samples", () => {
  let now = 1000;
  const inFlight = inFlightOf(4), times = new RunningTaskTimes(2, () => now);
  times.sample(inFlight);
  now = 2000;
  inFlight.complete(0);
  times.sample(inFlight);
  now = 3000;
  times.sample(inFlight);
  assertEquals(times.of(inFlight).map(({ id, since }) => [id, since]), [[1, 1000], [2, 2000]]);
});
