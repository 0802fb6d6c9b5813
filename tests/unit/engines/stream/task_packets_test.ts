import {
  assignedRanges,
  TaskPackets,
  tasksHead,
  tasksPacket,
} from "../../../../lib/engines/stream/task_packets.ts";
import { readPackets, sealPacket } from "../../../../lib/engines/stream/packets.ts";
import { TaskBatch } from "../../../../lib/tasks/batch.ts";
import { assert, assertEquals } from "../../../support/assert.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** Sends a batch, and reads it on the other side. */
function pass(batch: TaskBatch, packets = new TaskPackets(), isDone?: (id: number) => boolean) {
  const [packet] = readPackets(sealPacket(...tasksPacket(batch), 0)).packets;
  return packets.batches(tasksHead(packet!)!, packet!.payload, isDone);
}

const BATCHES: Readonly<Record<string, TaskBatch>> = {
  "consecutive ids": TaskBatch.of(encode('1\n"\\u001e"\n[3]\n'), 3, 7),
  "scattered ids": TaskBatch.of(encode("1\n2\n3\n4\n"), 4, Uint32Array.of(9, 10, 2, 5)),
  "limits": TaskBatch.of(encode("1\n"), 1, 0, { attempt: 2, limits: { timeout: 5, memory: 1e9 } }),
  "a checkpoint": TaskBatch.of(encode("1\n"), 1, 3, { attempt: 3, checkpoint: encode('{"a":1}') }),
};

for (const [name, batch] of Object.entries(BATCHES)) {
  Deno.test(`a batch passes in a packet: ${name}`, () => {
    assertEquals(pass(batch).flatMap((one) => [...one]), [...batch]);
  });
}

Deno.test("TaskPackets excludes tasks that have ended", () => {
  const batches = pass(BATCHES["scattered ids"]!, new TaskPackets(), (id) => id === 10);
  assertEquals(batches.flatMap((batch) => Array.from(batch, ({ id }) => id)), [9, 2, 5]);
});

Deno.test("TaskPackets returns one object for the same limits", () => {
  const packets = new TaskPackets(), batch = BATCHES["limits"]!;
  const [first] = pass(batch, packets), [second] = pass(batch, packets);
  assert(first?.limits !== undefined && first.limits === second?.limits);
});

Deno.test("assignedRanges() lists the tasks with their attempt", () => {
  const [head] = tasksPacket(BATCHES["scattered ids"]!);
  assertEquals(assignedRanges(head), [[9, 2, 1], [2, 1, 1], [5, 1, 1]]);
});
