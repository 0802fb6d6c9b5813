import { AckChannel } from "../../../../lib/engines/local/ack_channel.ts";
import { TaskQueue } from "../../../../lib/engines/local/task_queue.ts";
import { Slots } from "../../../../lib/engines/shared/slots.ts";
import type { HostPool } from "../../../../lib/engines/stream/host_pool.ts";
import { Mirror } from "../../../../lib/engines/stream/mirror.ts";
import { encodePacket } from "../../../../lib/engines/stream/packets.ts";
import type { HostPlace } from "../../../../lib/engines/stream/place.ts";
import type { AttachRequest } from "../../../../lib/engines/stream/protocol.ts";
import { RemoteHost } from "../../../../lib/engines/stream/remote_host.ts";
import { tasksPacket } from "../../../../lib/engines/stream/task_packets.ts";
import type { EventBatch } from "../../../../lib/journal/format.ts";
import { TaskBatch } from "../../../../lib/tasks/batch.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { until } from "../../../../tools/support/until.ts";
import { assertEquals } from "../../../support/assert.ts";

/** A list that never has a task. */
const pausingList: AsyncIterable<TaskBatch> = {
  [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
};

/**
 * Returns a place whose answer to a request is given.
 *
 * @param isBrief true when the connection then ends, and false when it is silent
 */
function placeOf(hello: object, isBrief = false) {
  const connect = () => {
    let toClient!: ReadableStreamDefaultController;
    const readable = new ReadableStream<Uint8Array>({
      start: (controller) => {
        toClient = controller;
        for (const head of [{ ready: "2", cpus: 1 }, hello]) controller.enqueue(encodePacket(head));
      },
    });
    const close = () => {
      try {
        toClient.close();
      } catch {
        // It is closed.
      }
    };
    if (isBrief) close();
    const writable = new WritableStream<Uint8Array>();
    return Promise.resolve({ readable, writable, ended: Promise.resolve(""), close });
  };
  return { name: "h1", connect };
}

/** Runs a host with one task until it has a new folder, and returns the failures of tasks. */
async function untilNewFolder(offset: number, lostAfter: number, place: HostPlace) {
  await using folder = await makeFolder();
  const run = new AbortController(), spools = new Set<string>();
  const events = new AckChannel<EventBatch>(), told = Array.fromAsync(events);
  const pool: HostPool = {
    queue: new TaskQueue(pausingList, 1),
    events,
    files: folder.path,
    concurrency: 1,
    grace: 0,
    warn: () => {},
    stop: new AbortController().signal,
    signal: run.signal,
    isBroken: () => false,
    reattached: Promise.resolve(),
    lostAfter,
    onChange: () => {},
    onDrained: () => {},
    starts: new Slots(1),
    request: (_place, _ready, { spool }) => {
      spools.add(spool);
      return { request: { spool, settings: { workers: 1 } } as AttachRequest, sources: {} };
    },
  };
  const mirror = new Mirror(`${folder.path}/ssh`, "h1", "job");
  const batch = TaskBatch.of(new TextEncoder().encode("1\n"), 1, 0);
  mirror.append(...tasksPacket(batch));
  mirror.advance(offset);
  const host = new RemoteHost(place, mirror, pool);
  host.push(batch);
  const running = host.run();
  await until(() => spools.size > 1, "the host has a new folder", 20_000);
  run.abort();
  await running;
  events.end();
  const failures = (await told).flatMap(({ failures }) => failures.map(({ event }) => event));
  return failures.map(({ id, error }) => [id, error.class]);
}

Deno.test("RemoteHost gives the tasks of a host that has lost events back", async () => {
  const place = placeOf({ tasks: 0, events: 99, isNew: false });
  assertEquals(await untilNewFolder(100, 60_000, place), []);
});

Deno.test("RemoteHost gives a host up whose connections end at once for too long", async () => {
  const place = placeOf({ tasks: 0, events: 0, isNew: false }, true);
  assertEquals(await untilNewFolder(0, 1000, place), [[0, "lost"]]);
});
