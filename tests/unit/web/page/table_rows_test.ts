import { columnsOf, csvText, sortRows } from "../../../../lib/web/page/table_rows.ts";
import { assertEquals } from "../../../support/assert.ts";

const ROWS = [{ n: 10, s: "b" }, 3, { n: -2 }, { n: "10", s: "a10" }, { s: "a9", n: null }]
  .map((result, id) => ({ id, result }));

function idsBy(sort: string): number[] {
  return sortRows(ROWS, sort).map(({ id }) => id);
}

Deno.test("sortRows() puts numbers before texts, and empty cells last", () => {
  assertEquals(idsBy(""), [0, 1, 2, 3, 4]);
  assertEquals(idsBy("-task"), [4, 3, 2, 1, 0]);
  assertEquals(idsBy("n"), [2, 0, 3, 4, 1]);
  assertEquals(idsBy("-n"), [4, 3, 0, 2, 1]);
  assertEquals(idsBy("s"), [4, 3, 0, 1, 2]);
  assertEquals(idsBy("value"), [1, 0, 2, 3, 4]);
});

Deno.test("csvText() quotes cells, and makes formulas texts", () => {
  const rows = [
    { id: 0, result: { a: 'x,"y"', b: -1.5, c: { d: [1] } } },
    { id: 7, result: { a: "=HYPERLINK(1)", b: null, c: "" } },
    { id: 8, result: { a: "-3", b: "two\nlines" } },
  ];
  assertEquals(columnsOf(rows), ["a", "b", "c"]);
  assertEquals(
    csvText(rows, ["a", "b", "c"]),
    [
      "task,a,b,c\n",
      '0,"x,""y""",-1.5,"{""d"":[1]}"\n',
      `7,'=HYPERLINK(1),,""\n`,
      `8,-3,"two\nlines",\n`,
    ].join(""),
  );
});
