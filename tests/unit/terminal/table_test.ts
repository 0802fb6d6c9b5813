import { toTable } from "../../../lib/terminal/table.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("toTable() has a column for each key, nested values as JSON", () => {
  const values = [{ name: "Fiji", at: { lat: -17 } }, { name: "line\n  break", n: null }, 7];
  const { head, rows } = toTable(values, 10);
  assertEquals(head, ["name", "at", "n", "value"]);
  assertEquals(rows, [
    ["Fiji", '{"lat":-1…', "", ""],
    ["line break", "", "null", ""],
    ["", "", "", "7"],
  ]);
});

Deno.test("toTable() shows objects without keys", () => {
  assertEquals(toTable([{}, {}]), { head: ["value"], rows: [["{}"], ["{}"]] });
  assertEquals(toTable([{ a: 1 }, {}]).rows, [["1", ""], ["", "{}"]]);
});
