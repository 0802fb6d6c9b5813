/**
 * Cells of CSV and TSV.
 *
 * @module
 */

import { csvCell } from "../../../../lib/formats/csv/cell.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("csvCell() writes each kind of value so that it can be told from others", async (t) => {
  const cases: [json: string, cell: string][] = [
    ["", ""],
    ["null", ""],
    ['""', '""'],
    ['"null"', "null"],
    ["true", "true"],
    ["-1.50", "-1.50"],
    ["9007199254740993", "9007199254740993"],
    ["1e400", "1e400"],
    ['"a"', "a"],
    ['"a, b"', '"a, b"'],
    ['"say \\"hi\\""', '"say ""hi"""'],
    ['"a\\nb"', '"a\nb"'],
    ['"a\\r\\nb"', '"a\r\nb"'],
    ['" a "', " a "],
    ['"\\ufeffa"', '"\ufeffa"'],
    ['"a\\ufeff"', "a\ufeff"],
    ['"\\u00fc"', "ü"],
    ['"\\ud83d\\ude00"', "😀"],
    // No text of UTF-8 has half of a pair, so its JSON is the cell.
    ['"\\ud83d"', '"""\\ud83d"""'],
    ['{"a":"=1"}', '"{""a"":""=1""}"'],
    ["[1.10,2]", '"[1.10,2]"'],
    ["[1]", "[1]"],
    ["{}", "{}"],
  ];
  for (const [json, cell] of cases) {
    await t.step(json || "missing", () => assertEquals(csvCell(json), cell));
  }
});

Deno.test("csvCell() keeps a spreadsheet from calculating a text, unless it is a number", async (t) => {
  const cases: [text: string, cell: string][] = [
    ["=1+1", "'=1+1"],
    ["+1+1", "'+1+1"],
    ["-2+3", "'-2+3"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", "'\t=1"],
    ["\r=1", `"'\r=1"`],
    ["\n=1", `"'\n=1"`],
    ['=HYPERLINK("a")', `"'=HYPERLINK(""a"")"`],
    ["＝1", "'＝1"],
    ["-", "'-"],
    ["-1", "-1"],
    ["+47", "+47"],
    ["-.5e-7", "-.5e-7"],
    ["-5.", "-5."],
    ["'=1", "'=1"],
    ["a=1", "a=1"],
  ];
  for (const [text, cell] of cases) {
    const json = JSON.stringify(text);
    await t.step(json, () => {
      assertEquals(csvCell(json), cell);
      assertEquals(
        csvCell(json, ",", (text) => text),
        cell.replace("'", text.startsWith("'") ? "'" : ""),
      );
    });
  }
});

Deno.test("csvCell() quotes a separator and nothing else", () => {
  assertEquals(csvCell('"a,b"', "\t"), "a,b");
  assertEquals(csvCell('"a\\tb"', "\t"), '"a\tb"');
  assertEquals(csvCell('["a"]', "\t"), '"[""a""]"');
});
