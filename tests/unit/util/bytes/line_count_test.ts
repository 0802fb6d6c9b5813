import { hasJsonLines, hasLines } from "../../../../lib/util/bytes/line_count.ts";
import { assertEquals } from "../../../support/assert.ts";

const LONG = "x".repeat(100);

Deno.test("hasLines() and hasJsonLines() compare the number of lines", async (t) => {
  const cases: [text: string, count: number, lines: boolean, json: boolean][] = [
    ["1\n", 1, true, true],
    ["1\n[2]\n", 2, true, true],
    ["1\n2\n", 1, false, false],
    ["1\n2\n", 3, false, false],
    ["1\n2", 1, false, false],
    ["1\n2", 2, false, false],
    ["", 0, false, false],
    ["", 1, false, false],
    ["\n1\n", 2, true, false],
    ["1\0\n", 1, true, false],
    ["[\t1,\r2]\n", 1, true, true],
    [`${LONG}\n`, 1, true, true],
    [`${LONG}\n${LONG}\n`, 2, true, true],
    [`${LONG}\n${LONG}\n`, 1, false, false],
    [`${LONG}\n${LONG}`, 1, false, false],
    [`${LONG}\n\n${LONG}\n`, 3, true, false],
    [`\0${LONG}\n`, 1, true, false],
    [`${LONG}\0\n`, 1, true, false],
    [`${LONG}\0${LONG}\n`, 1, true, false],
    [`${LONG}\t${LONG}\r\n`, 1, true, true],
  ];
  for (const [text, count, lines, json] of cases) {
    await t.step(`${count} in ${JSON.stringify(text)}`, () => {
      const bytes = new TextEncoder().encode(text);
      assertEquals([hasLines(bytes, count), hasJsonLines(bytes, count)], [lines, json]);
    });
  }
});
