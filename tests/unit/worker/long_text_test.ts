import { eachPiece, tooLong, withAdvice } from "../../../lib/worker/long_text.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("tooLong() counts the bytes of a text", () => {
  const advice = "max_result is 0 MB, write it to a file in ctx.dir and return its path";
  const cases: readonly [string, number, boolean][] = [
    ["x".repeat(10), 10, false],
    ["x".repeat(11), 10, true],
    ["é".repeat(5), 10, false],
    ["é".repeat(6), 10, true],
    ["😀😀", 8, false],
    ["😀😀", 7, true],
  ];
  for (const [text, most, isLong] of cases) {
    const expected = isLong ? `Cannot return a result of 0 MB: ${advice}` : undefined;
    assertEquals(tooLong(text, most)?.message, expected);
  }
  assertEquals(tooLong("x".repeat(100)), undefined);
});

Deno.test("withAdvice() explains a text that no text can hold", () => {
  const other = new TypeError("other"), invalid = new RangeError("Invalid string length");
  assertEquals(withAdvice(other), other);
  assertEquals(
    (withAdvice(invalid, 256e6) as Error).message,
    "Cannot return a result of more than 536 MB: max_result is 256 MB, write it to a file in " +
      "ctx.dir and return its path",
  );
});

Deno.test("eachPiece() passes on the whole text, and never half a character", () => {
  const size = 1024 * 1024;
  for (const text of ["", "short", "x".repeat(size + 1), `x${"😀".repeat(size)}`]) {
    const pieces: string[] = [];
    eachPiece(text, (piece) => pieces.push(piece));
    assertEquals(pieces.join("") === text, true);
    assertEquals(pieces.every((piece) => piece.isWellFormed() && piece.length <= size), true);
  }
});
