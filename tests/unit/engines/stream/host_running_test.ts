import { InFlight } from "../../../../lib/engines/shared/in_flight.ts";
import { HostRunning } from "../../../../lib/engines/stream/host_running.ts";
import { TaskBatch } from "../../../../lib/tasks/batch.ts";
import { assertEquals } from "../../../support/assert.ts";

function inFlightOf(...ids: number[]): InFlight {
  const bytes = new TextEncoder().encode("0\n".repeat(ids.length)), inFlight = new InFlight();
  inFlight.push(TaskBatch.of(bytes, ids.length, Uint32Array.from(ids)));
  return inFlight;
}

Deno.test("HostRunning has the workers of a host, by the clock of this machine", () => {
  let now = 50_000;
  const running = new HostRunning(() => now), inFlight = inFlightOf(3, 8);
  assertEquals(running.workers("lab1", inFlight), undefined);
  const task = (id: number, since: number) => ({ id, attempt: 1, since });
  const busy = {
    worker: "0",
    pid: 7,
    memory: 5e6,
    cpu: 200,
    tasks: [task(3, 8000), task(4, 9000)],
  };
  // Task 5 has ended since the report.
  running.take({ at: 10_000, workers: [busy, { worker: "1", tasks: [task(5, 8000)] }] });
  const worker = { worker: "lab1.0", memory: 5e6, cpu: 200 };
  assertEquals(running.workers("lab1", inFlight), [{ ...worker, tasks: [task(3, 48_000)] }]);
  now += 5001;
  assertEquals(running.workers("lab1", inFlight), undefined);
});

Deno.test("HostRunning has nothing after an empty or a damaged report", () => {
  const running = new HostRunning(() => 0);
  for (
    const report of [null, 7, {}, { at: 1 }, { at: 1, workers: [7] }, { at: 1, workers: [{}] }]
  ) {
    running.take({ at: 0, workers: [] });
    assertEquals(running.workers("a", inFlightOf(1)), []);
    running.take(report);
    assertEquals(running.workers("a", inFlightOf(1)), undefined);
  }
});
