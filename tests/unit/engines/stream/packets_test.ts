import {
  encodePacket,
  isSealed,
  type Packet,
  packetsOf,
  readPackets,
  sealPacket,
} from "../../../../lib/engines/stream/packets.ts";
import { concatBytes } from "../../../../lib/util/bytes/bytes.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const show = ({ head, payload }: Packet) => [head, new TextDecoder().decode(payload)];

Deno.test("readPackets() returns whole packets, with any bytes as payload", () => {
  const first = encodePacket({ a: "\n\x1e" }, encode("\x1e{}\n")), second = encodePacket({ b: 1 });
  const bytes = concatBytes([first, second, first.subarray(0, 9)]);
  const { packets, used } = readPackets(bytes);
  assertEquals(packets.map(show), [[{ bytes: 4, a: "\n\x1e" }, "\x1e{}\n"], [
    { bytes: 0, b: 1 },
    "",
  ]]);
  assertEquals(used, first.length + second.length);
  assertThrows(() => readPackets(encode("noise")), SyntaxError, "Cannot read a packet");
});

Deno.test("packetsOf() skips the text of a login shell, and joins pieces of any size", async () => {
  const bytes = concatBytes([
    encode("Welcome!\nmotd\n"),
    encodePacket({ n: 1 }, encode("one")),
    encodePacket({ n: 2 }, encode("two")),
  ]);
  for (let size = 1; size <= bytes.length; size++) {
    const pieces = ReadableStream.from(function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    }());
    const packets = await Array.fromAsync(packetsOf(pieces));
    assertEquals(packets.map(show), [[{ bytes: 3, n: 1 }, "one"], [{ bytes: 3, n: 2 }, "two"]]);
  }
});

Deno.test("packetsOf() joins the pieces of a long packet once", async () => {
  const size = 64 * 1024 * 1024,
    head = encodePacket({ bytes: size }),
    piece = new Uint8Array(16_384);
  let pieces = 0;
  const stream = ReadableStream.from(function* () {
    yield head;
    for (let at = 0; at < size; at += piece.length) yield piece;
  }());
  const began = performance.now();
  const packets = await Array.fromAsync(packetsOf(stream, () => pieces++));
  assertEquals(packets.map(({ payload }) => payload.length), [size]);
  assertEquals(pieces, 1 + size / piece.length);
  // A copy for each piece would take minutes.
  assertEquals(performance.now() - began < 10_000, true);
});

Deno.test("isSealed() finds a packet that is changed or at another place", () => {
  const raw = sealPacket({ events: 1 }, encode("0\n1\n"), 7);
  const [packet] = readPackets(raw).packets;
  assertEquals([isSealed(packet!, 7), isSealed(packet!, 8)], [true, false]);
  for (const [index, byte] of raw.entries()) {
    const changed = raw.slice();
    changed[index] = byte ^ 1;
    assertEquals(isWhole(changed), false, `byte ${index}`);
  }
  assertEquals(isSealed(readPackets(encodePacket({ events: 1 })).packets[0]!, 0), false);
});

/** Returns true for the only packet in some bytes. */
function isWhole(bytes: Uint8Array): boolean {
  try {
    const { packets, used } = readPackets(bytes);
    return packets.length === 1 && used === bytes.length && isSealed(packets[0]!, 7);
  } catch {
    return false;
  }
}
