import { crc32 as zlibCrc32 } from "node:zlib";
import { scanCrc32 } from "../../../../lib/util/bytes/byte_scan.ts";
import { crc32, crc32Text } from "../../../../lib/util/bytes/crc32.ts";
import { randomOf } from "../../../../tools/support/random.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("crc32() and its own program compute the checksum of node:zlib", () => {
  const random = randomOf(1);
  for (let length = 0; length < 200; length++) {
    const bytes = Uint8Array.from({ length }, () => random() * 256);
    const [a, b] = [bytes.subarray(0, length / 3), bytes.subarray(length / 3)];
    const sums = [crc32(bytes), scanCrc32(bytes, 0), scanCrc32(b, scanCrc32(a, 0))];
    assertEquals(sums, [0, 1, 2].map(() => zlibCrc32(bytes)), `${length} bytes`);
  }
  const large = new Uint8Array(300_000_000).fill(7);
  assertEquals([crc32(large), crc32(large, 5)], [zlibCrc32(large), zlibCrc32(large, 5)]);
  assertEquals(crc32Text("123456789"), 0xcbf43926);
});
