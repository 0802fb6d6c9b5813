import { cancelHosts } from "../../../../lib/engines/stream/cancel_hosts.ts";
import { MOST_STARTS } from "../../../../lib/engines/stream/link.ts";
import { Mirror, readMirrors } from "../../../../lib/engines/stream/mirror.ts";
import { encodePacket } from "../../../../lib/engines/stream/packets.ts";
import { delay } from "../../../../lib/util/time/delay.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("cancelHosts() connects to a few hosts at a time, and waits for all of them", async () => {
  await using folder = await makeFolder();
  const names = Array.from({ length: 20 }, (_, i) => `h${i}`);
  for (const name of names) {
    using mirror = new Mirror(`${folder.path}/ssh`, name, "job");
    mirror.append({}, new Uint8Array());
  }
  let connecting = 0, most = 0;
  const connect = async () => {
    most = Math.max(most, ++connecting);
    await delay(5);
    connecting--;
    return pipes();
  };
  await cancelHosts(folder.path, "ssh", (name) => ({ name, connect }), 0);
  assertEquals([most, readMirrors(`${folder.path}/ssh`)], [MOST_STARTS, []]);
});

Deno.test("cancelHosts() gives calls a grace that is longer than a timer", async () => {
  await using folder = await makeFolder();
  {
    using mirror = new Mirror(`${folder.path}/ssh`, "h", "job");
    mirror.append({}, new Uint8Array());
  }
  const connect = async (signal: AbortSignal) => {
    await delay(50, [signal]);
    signal.throwIfAborted();
    return pipes();
  };
  await cancelHosts(folder.path, "ssh", (name) => ({ name, connect }), 30 * 86_400_000);
  assertEquals(readMirrors(`${folder.path}/ssh`), []);
});

/** A host that removes all folders. */
function pipes() {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(
    {
      start: (controller) => controller.enqueue(encodePacket({ ready: "2", cpus: 1 })),
      transform: (_request, controller) => controller.enqueue(encodePacket({ dropped: "/" })),
    },
    undefined,
    { highWaterMark: 9 },
  );
  return { readable, writable, ended: Promise.resolve(""), close: () => {} };
}
