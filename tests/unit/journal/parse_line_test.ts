import { rawJson } from "../../../lib/util/builtins.ts";
import { parseLine } from "../../../lib/journal/parse_line.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("parseLine() keeps the digits of the user's values, and parses the other numbers", () => {
  const value = '{"ERROR":"no","id":9007199254740993,"score":1.0}';
  const texts = [
    `{"id":3,"attempt":1,"type":"failed","ms":1.5,"error":{"message":"no","value":${value}}}`,
    '{"id":3,"attempt":1,"stream":"log","text":"read","fields":{"tiles":[18446744073709551616]}}',
    '{"id":3,"attempt":1,"stream":"log","text":"9007199254740993"}',
  ];
  for (const text of texts) {
    const line = parseLine(text);
    assertEquals(JSON.stringify(line), text);
    assertEquals((line as { id: unknown }).id, 3);
  }
  assertEquals(parseLine('{"id":3,"ms":2.0,"error":{"value":{"n":1.0}}}'), {
    id: 3,
    ms: 2,
    error: { value: { n: rawJson("1.0") } },
  });
  assertEquals([parseLine("null"), parseLine("[1.0]")], [null, [1]]);
});
