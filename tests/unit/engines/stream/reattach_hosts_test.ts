import { Reattachment } from "../../../../lib/engines/batch/reattach.ts";
import { reattach } from "../../../../lib/engines/stream/reattach_hosts.ts";
import type { RemoteHost } from "../../../../lib/engines/stream/remote_host.ts";
import { InFlight } from "../../../../lib/engines/shared/in_flight.ts";
import { TaskBatch } from "../../../../lib/tasks/batch.ts";
import type { TaskRange } from "../../../../lib/tasks/task_range.ts";
import { within } from "../../../../tools/support/until.ts";
import { assertEquals } from "../../../support/assert.ts";

/** Yields two tasks, and then waits forever. */
async function* pausingList(): AsyncGenerator<TaskBatch> {
  yield TaskBatch.of(new TextEncoder().encode("1\n2\n"), 2, 0);
  await new Promise(() => {});
}

Deno.test("reattach() lets a run end while the list behind the assigned tasks pauses", async () => {
  const range: TaskRange = [0, 1, 1], inFlight = new InFlight();
  const push = (batch: TaskBatch) => inFlight.push(batch);
  const host = { mirror: { assigned: [range] }, inFlight, push } as unknown as RemoteHost;
  const tasks = await reattach(pausingList(), new Reattachment([{ range, part: host }]), [host]);
  const iterator = tasks[Symbol.asyncIterator](), { value } = await iterator.next();
  assertEquals([inFlight.count, value.count, value.id(0)], [1, 1, 1]);
  await within(iterator.return!(), "the end of the list");
});
