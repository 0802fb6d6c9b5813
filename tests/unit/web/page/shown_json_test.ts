import {
  isLongNumber,
  numberOf,
  parseComputed,
  parseShown,
} from "../../../../lib/web/page/shown_json.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("parseShown() keeps the digits of numbers for JSON.stringify", () => {
  const text = '{"id":9007199254740993,"v":[1.10,-0,1e400,2,"3"],"__proto__":null}';
  assertEquals(JSON.stringify(parseShown(text)), text);
  assertEquals(parseShown("[1.5,2]"), [1.5, 2]);
});

Deno.test("parseComputed() changes no number, and numberOf() returns numbers to compute with", () => {
  const text = '{"id":9007199254740993,"v":[1e400,2.5,3]}';
  assertEquals(JSON.stringify(parseComputed(text)), text);
  assertEquals(parseComputed("[1.10,2.0,-0,1e3,9007199254740992]"), [1.1, 2, -0, 1000, 2 ** 53]);
  const long = parseComputed("9007199254740993");
  assertEquals([long, 1.5, "2", null].map(isLongNumber), [true, false, false, false]);
  assertEquals([long, 1.5, "2", null].map(numberOf), [2 ** 53, 1.5, undefined, undefined]);
});
