/**
 * Lines of CSV.
 *
 * @module
 */

import { csvLine } from "../../../lib/cli/csv.ts";
import { parseExact } from "../../../lib/values/exact_json.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("csvLine() writes each kind of cell so that it can be told from others", async (t) => {
  const cases: [cell: unknown, text: string][] = [
    [null, ""],
    [undefined, ""],
    ["", '""'],
    ["null", "null"],
    [true, "true"],
    [-1.5, "-1.5"],
    ["a", "a"],
    ["a, b", '"a, b"'],
    ['say "hi"', '"say ""hi"""'],
    ["a\nb", '"a\nb"'],
    ["a\r\nb", '"a\r\nb"'],
    [" a ", " a "],
    ["ü", "ü"],
    [{ a: "=1" }, '"{""a"":""=1""}"'],
    [[1, 2], '"[1,2]"'],
    [["a"], '"[""a""]"'],
    [parseExact("9007199254740993"), "9007199254740993"],
    [parseExact('{"v":1.10}'), '"{""v"":1.10}"'],
  ];
  for (const [cell, text] of cases) {
    await t.step(text || "empty", () => assertEquals(csvLine([1, cell]), `1,${text}\n`));
  }
});

Deno.test("csvLine() keeps a spreadsheet from calculating a text", () => {
  const cells = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    '=HYPERLINK("a")',
    "'=1",
    "a=1",
  ];
  assertEquals(
    csvLine(cells),
    `'=1+1,'+1,'-1,'@SUM(A1),'\t=1,"'\r=1","'\n=1","'=HYPERLINK(""a"")",'=1,a=1\n`,
  );
});
