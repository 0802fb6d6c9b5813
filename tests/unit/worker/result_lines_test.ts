import { ResultLines } from "../../../lib/worker/result_lines.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const SHORT = "12", JOINED = "a".repeat(100), LONG = "b".repeat(5000), OTHER = "é😀".repeat(60);

Deno.test("ResultLines keeps the order of numbers and of texts of any length", () => {
  const values = [1, SHORT, JOINED, SHORT, 2, JOINED, LONG, OTHER, 3.5, OTHER, SHORT, LONG, JOINED];
  const lines = new ResultLines(16);
  for (const value of values) {
    if (typeof value === "number") lines.number(value);
    else lines.text(value);
  }
  assertEquals(new TextDecoder().decode(lines.bytes), values.map((value) => `${value}\n`).join(""));
  assertEquals(lines.length, lines.bytes.length);
});

Deno.test("ResultLines is empty after clear(), also of texts that were not encoded", () => {
  const lines = new ResultLines(16);
  lines.text(LONG);
  lines.text(JOINED);
  assert(lines.length > LONG.length + JOINED.length);
  lines.clear();
  assertEquals(lines.length, 0);
  lines.text(SHORT);
  assertEquals(new TextDecoder().decode(lines.bytes), `${SHORT}\n`);
});
