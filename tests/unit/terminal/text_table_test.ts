import { toRow, toTable } from "../../../lib/terminal/table.ts";
import { TableLayout, textRows, textTable } from "../../../lib/terminal/text_table.ts";
import { textWidth } from "../../../lib/terminal/text_width.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const JOBS = {
  head: ["id", "name", "state", "tasks"],
  rows: [
    ["20261124T004415-64747d", "work.ndvi", "failed", "1000"],
    ["20261124T004421-196cbe", "日本.面積", "succeeded", "47"],
  ],
};

Deno.test("textTable() aligns by columns, not by characters", () => {
  assertEquals(
    textTable(JOBS),
    `id                      name       state      tasks
20261124T004415-64747d  work.ndvi  failed      1000
20261124T004421-196cbe  日本.面積  succeeded     47`,
  );
});

Deno.test("textTable() fits a width, and cuts the kept columns last", () => {
  assertEquals(
    textTable(JOBS, { columns: 44, kept: 1 }),
    `id                      name   state   tasks
20261124T004415-64747d  work…  failed   1000
20261124T004421-196cbe  日本…  succe…     47`,
  );
  assertEquals(textTable(JOBS, { columns: 10, kept: 1 }).split("\n")[1], "20261124T…");
  for (let columns = 1; columns < 60; columns++) {
    for (const line of textTable(JOBS, { columns }).split("\n")) {
      assert(textWidth(line) <= columns, `${columns}: ${line}`);
    }
  }
});

Deno.test("textTable() cuts a name that is wider than its cells before any cell", () => {
  const table = { head: ["id", "state", "succeeded"], rows: [["7", "interrupted", "40"]] };
  assertEquals(
    textTable(table, { columns: 23 }),
    "id  state        succe…\n 7  interrupted      40",
  );
});

Deno.test("textTable() paints padded cells", () => {
  const paint = (cell: string, text: string, name: string) =>
    name === "state" ? `<${text}:${cell}>` : cell;
  const table = { head: ["state", "n"], rows: [["failed", "1"], ["", "2"]] };
  assertEquals(textTable(table, { columns: 7, paint }), "sta…  n\n<failed:fai…>  1\n<:    >  2");
});

Deno.test("textRows() passes the first cell as the name of a row", () => {
  const paint = (cell: string, text: string, name: string) =>
    name === "state" && text !== name ? `<${cell}>` : cell;
  assertEquals(
    textRows([["job", "7"], ["state", "failed"]], { paint }),
    "job    7\nstate  <failed>",
  );
});

Deno.test("TableLayout lays out rows that it was not created with", () => {
  const table = toTable([{ name: "Fiji", area: 1 }]);
  const layout = new TableLayout(table, { columns: 14 });
  const row = toRow({ name: "Madagascar", area: "587", more: "x" }, table.head);
  assertEquals([layout.head, layout.line(row)], ["name  area", "Mad…   587"]);
});
