import { HostEvents, LostBytes } from "../../../../lib/engines/stream/host_events.ts";
import { Mirror } from "../../../../lib/engines/stream/mirror.ts";
import { readPackets, sealPacket } from "../../../../lib/engines/stream/packets.ts";
import { AckChannel } from "../../../../lib/engines/local/ack_channel.ts";
import { InFlight } from "../../../../lib/engines/shared/in_flight.ts";
import type { EventBatch } from "../../../../lib/journal/format.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { walk } from "../../../support/jobs.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";

/** Returns a reader of the events of a host that writes to a folder, and what it tells. */
function readerIn(path: string) {
  const told: string[] = [], mirror = new Mirror(`${path}/ssh`, "h1", "job");
  const events = new AckChannel<EventBatch>(), stop = new AbortController().signal;
  const pool = { files: `${path}/files`, events, stop };
  const reader = new HostEvents("h1", mirror, new InFlight(), pool, (text) => told.push(text));
  const take = (head: object, text = "", at = mirror.offset) =>
    reader.take(readPackets(sealPacket(head, new TextEncoder().encode(text), at)).packets[0]!);
  const file = (path: string, text: string) => take({ file: path, at: 0, isLast: true }, text);
  return { take, file, told, [Symbol.dispose]: () => mirror[Symbol.dispose]() };
}

function filesIn(path: string): string[] {
  const files = `${path}/files/`;
  return walk(files.slice(0, -1)).map((one) => one.slice(files.length)).sort();
}

Deno.test("HostEvents tells a file whose path is taken, and continues", async () => {
  await using folder = await makeFolder();
  using reader = readerIn(folder.path);
  const { file, told } = reader, long = "x".repeat(255);
  await file("a", "1");
  await file("a/b", "2");
  await file("a/b/c", "3");
  await file("d/e", "4");
  await file("d", "5");
  await file(long, "6");
  await file("f", "7");
  const reasons = told.map((text) => /the file (\S{1,5})\S* of host h1 .*: (.*) \(os/.exec(text));
  assertEquals(reasons.map((found) => found?.slice(1)), [
    ["a/b", "File exists"],
    ["a/b/c", "Not a directory"],
    ["d", "Is a directory"],
    ["xxxxx", "File name too long"],
  ]);
  assertEquals(filesIn(folder.path), ["a", "d", "d/e", "f"]);
});

Deno.test("HostEvents keeps a file beside one that is named as a part of it", async () => {
  await using folder = await makeFolder();
  using reader = readerIn(folder.path);
  await reader.file("a.part", "1");
  await reader.file("a", "2");
  assertEquals(filesIn(folder.path), ["a", "a.part"]);
});

Deno.test("HostEvents tells lost bytes from other errors", async () => {
  await using folder = await makeFolder();
  using reader = readerIn(folder.path);
  await assertRejects(() => reader.take({ events: 1 }, "", 7), LostBytes);
});
