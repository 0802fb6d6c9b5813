import { ByteWriter, splitLines } from "../../../../lib/util/bytes/bytes.ts";
import { assertEquals } from "../../../support/assert.ts";

function written(write: (writer: ByteWriter) => void, size = 8): string {
  const writer = new ByteWriter(size);
  write(writer);
  return new TextDecoder().decode(writer.bytes);
}

Deno.test("ByteWriter writes every number as JSON.stringify() does", () => {
  const edges = [0, 1, 9, 10, 99, 100, 999_999_999, 1e9, 1e9 + 1, 1e10, 123_000_000_456, 1e15 - 1];
  const numbers = [
    ...edges.flatMap((edge) => [edge, -edge, edge + 0.5]),
    ...[1e15, 1e16, 2 ** 53, -(2 ** 53), 1e21, 1e300, 5e-324, 0.1, -0.1, 1 / 3],
    ...[NaN, Infinity, -Infinity],
    ...Array.from({ length: 53 }, (_, power) => 2 ** power),
    ...Array.from({ length: 53 }, (_, power) => 2 ** power - 1),
  ];
  for (const value of numbers) {
    assertEquals(written((writer) => writer.number(value)), JSON.stringify(value));
  }
});

Deno.test("ByteWriter writes every text as UTF-8", () => {
  const texts = ["", "a", "ü", "€", "😀", "a\u2028b", "\ud800", "x".repeat(64), "x".repeat(65)];
  for (const text of [...texts, "x".repeat(60) + "ü€😀", "😀".repeat(5000)]) {
    const expected = new TextDecoder().decode(new TextEncoder().encode(text));
    assertEquals(written((writer) => writer.text(text)), expected);
  }
});

Deno.test("ByteWriter grows, keeps its bytes, and can be cleared", () => {
  const writer = new ByteWriter(4);
  writer.text("ab");
  writer.number(1234567);
  writer.append(new TextEncoder().encode("cd"));
  writer.byte(33);
  assertEquals(new TextDecoder().decode(writer.bytes), "ab1234567cd!");
  assertEquals(writer.length, 12);
  writer.clear();
  writer.number(-5);
  assertEquals(new TextDecoder().decode(writer.bytes), "-5");
});

Deno.test("splitLines() keeps each newline", () => {
  const lines = splitLines(new TextEncoder().encode("a\n\nbc\n"));
  assertEquals(lines.map((line) => new TextDecoder().decode(line)), ["a\n", "\n", "bc\n"]);
});
