import {
  afterLines,
  hasBigNumbers,
  scanCrc32,
  scanLines,
} from "../../../../lib/util/bytes/byte_scan.ts";
import { byteLoops, type ByteProgram, DATA } from "../../../../lib/util/bytes/byte_loops.ts";
import { BYTE_SCAN_PROGRAM } from "../../../../lib/util/bytes/byte_scan_program.ts";
import { programText } from "../../../../scripts/byte_scan.ts";
import { randomOf } from "../../../../tools/support/random.ts";
import { assert, assertEquals } from "../../../support/assert.ts";

const WINDOW = 128 * 1024;
const PROGRAM = new URL("../../../../lib/util/bytes/byte_scan_program.ts", import.meta.url);

/** Bytes of which many are special, at each offset of a group of 16 and around a window's end. */
function* samples(alphabet: string): Generator<Uint8Array> {
  const random = randomOf(7);
  const one = () => alphabet.charCodeAt(Math.floor(random() * alphabet.length));
  for (let length = 0; length < 150; length++) yield Uint8Array.from({ length }, one);
  for (const more of [-40, -17, -1, 0, 1, 19, 40]) {
    yield Uint8Array.from(
      { length: WINDOW + more },
      (_, at) => Math.abs(at - WINDOW) < 60 ? one() : 120,
    );
  }
}

Deno.test("scanLines() finds the facts that a loop over the bytes finds", () => {
  for (const bytes of samples("\n\n x\t\0\x1f\x7f\u00e9xyz123\r")) {
    const text = String.fromCharCode(...bytes.subarray(-300)), whole = `\n${text}`;
    const isCut = bytes.length > 300;
    const { count, ...facts } = scanLines(bytes);
    assertEquals(count, bytes.filter((byte) => byte === 10).length);
    assertEquals(facts, {
      isPadded: (isCut ? /\n[\0- ]|[\0- ]\n/ : /^\n[\0- ]|\n[\0- ]|[\0- ]\n/).test(
        isCut ? text : whole,
      ),
      hasEmpty: /\n\n/.test(isCut ? text : whole),
      // deno-lint-ignore no-control-regex
      hasControl: /[\0-\x08\x0b\x0c\x0e-\x1f]/.test(text),
    });
  }
});

Deno.test("scanLines() examines each byte of several windows", () => {
  for (const at of [0, WINDOW - 1, WINDOW, WINDOW + 1, 3 * WINDOW - 1]) {
    const bytes = new Uint8Array(3 * WINDOW).fill(120);
    bytes[at] = 10;
    const isPadded = at === 0;
    assertEquals(scanLines(bytes), { count: 1, isPadded, hasEmpty: at === 0, hasControl: false });
    bytes[at] = 1;
    assertEquals(scanLines(bytes), { count: 0, isPadded, hasEmpty: false, hasControl: true });
  }
});

Deno.test("afterLines() finds the end of each line", () => {
  for (const bytes of samples("\n\nab\x8a")) {
    const ends = [...bytes.keys()].filter((at) => bytes[at] === 10).map((at) => at + 1);
    for (const first of [0, 1, Math.floor(ends.length / 2)]) {
      const from = first === 0 ? 0 : ends[first - 1]!;
      const counts = ends.map((_, i) => i + 1 - first).filter((count) => count > 0);
      if (from === undefined) continue;
      assertEquals(counts.map((count) => afterLines(bytes, from, count)), ends.slice(first));
      assertEquals(afterLines(bytes, from, ends.length - first + 1), bytes.length);
    }
  }
});

Deno.test("hasBigNumbers() finds what a pattern finds", () => {
  const pattern = /(?<![.\d])\d{16}|[eE][+-]?\d{3}|[1-9](?:\.*\d){18}/;
  const alphabets = ["1234567890.,e", "12,", "9", "11111111111111.", "1234567890eE+-x"];
  for (const alphabet of [...alphabets, "0000.", "00000000.1", "123456.7890,", "0"]) {
    for (const bytes of samples(alphabet)) {
      const text = String.fromCharCode(...bytes.subarray(-300)), found = hasBigNumbers(bytes);
      const expected = pattern.test(text);
      // Where a window ends, the dot before a fraction may be out of sight.
      if (bytes.length < WINDOW / 2 || expected) {
        assertEquals(found, expected || /[\d.]{64}/.test(text), text);
      }
    }
  }
});

Deno.test("hasBigNumbers() finds a number at each place", () => {
  for (const token of ["1234567890123456", "1e400", "1E+999", "1e-400", "0.1000000000000000055"]) {
    for (let at = WINDOW - 60; at < WINDOW + 30; at++) {
      const bytes = new Uint8Array(2 * WINDOW).fill(44);
      bytes.set(new TextEncoder().encode(token), at);
      assert(hasBigNumbers(bytes), `${token} at ${at}`);
    }
  }
});

Deno.test("scanCrc32() continues a checksum at each place", () => {
  const bytes = Uint8Array.from({ length: 3 * WINDOW + 5 }, (_, at) => at * 7 + at / 300);
  const whole = scanCrc32(bytes, 0);
  for (const at of [1, 16, WINDOW - 1, WINDOW, WINDOW + 9, 2 * WINDOW + 1]) {
    assertEquals(scanCrc32(bytes.subarray(at), scanCrc32(bytes.subarray(0, at), 0)), whole);
  }
});

Deno.test("byteLoops() returns what the program returns", () => {
  const binary = Uint8Array.from(atob(BYTE_SCAN_PROGRAM), (letter) => letter.charCodeAt(0));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary));
  const compiled = exports as unknown as ByteProgram;
  const { buffer } = exports["memory"] as WebAssembly.Memory, memory = new Uint8Array(buffer);
  const loops = byteLoops(memory);
  for (
    const alphabet of ["\n \0\tx", "123456789.eE+", "12,", "ab\n", "0000.", "00000.1", "000-e"]
  ) {
    for (const bytes of samples(alphabet)) {
      const end = DATA + bytes.length;
      memory.set([120, 10], DATA - 2);
      memory.set(bytes, DATA);
      memory.fill(120, end, end + 18);
      const results = ({ crc32, lines, lineEnd, bigNumbers }: ByteProgram) => [
        crc32(-1, end) >>> 0,
        lines(end),
        lineEnd(end, 1),
        lineEnd(end, 7),
        bigNumbers(end),
      ];
      assertEquals(results(loops), results(compiled));
    }
  }
});

Deno.test("the program in base64 is that of byte_scan.wat", async () => {
  assertEquals(await programText(), Deno.readTextFileSync(PROGRAM));
});
