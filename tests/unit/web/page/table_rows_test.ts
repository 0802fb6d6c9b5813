import { columnsOf, csvText, sortRows } from "../../../../lib/web/page/table_rows.ts";
import { parseComputed } from "../../../../lib/web/page/shown_json.ts";
import { assertEquals } from "../../../support/assert.ts";

const ROWS = [{ n: 10, s: "b" }, 3, { n: -2 }, { n: "10", s: "a10" }, { s: "a9", n: null }]
  .map((result, id) => ({ id, result }));

function idsBy(sort: string): number[] {
  return sortRows(ROWS, sort).map(({ id }) => id);
}

Deno.test("sortRows() puts numbers before texts, and empty cells last", () => {
  assertEquals(idsBy(""), [0, 1, 2, 3, 4]);
  assertEquals(idsBy("-"), [4, 3, 2, 1, 0]);
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

Deno.test("columnsOf() returns the keys of all rows", () => {
  const rows = Array.from({ length: 300 }, (_, id) => ({ id, result: { [`key ${id}`]: id } }));
  const large = { id: 300, bytes: 400_000 };
  assertEquals(columnsOf([...rows, large]).length, 300);
  assertEquals(csvText([large], ["a"]), "task,a\n300,\n");
});

Deno.test("long integers keep their digits, and are sorted as numbers", () => {
  const values = ["9007199254740993", "5", "-9007199254740993", "9007199254740995"];
  const rows = values.map((value, id) => ({ id, result: parseComputed(`{"n":${value}}`) }));
  assertEquals(sortRows(rows, "n").map(({ id }) => id), [2, 1, 0, 3]);
  assertEquals(csvText(rows, columnsOf(rows)).split("\n").slice(1, -1), [
    "0,9007199254740993",
    "1,5",
    "2,-9007199254740993",
    "3,9007199254740995",
  ]);
  assertEquals(columnsOf([{ id: 0, result: parseComputed(values[0]!) }]), ["value"]);
});
