import { htmlTable } from "../../../lib/terminal/html_table.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("htmlTable() escapes its cells and its head", () => {
  assertEquals(
    htmlTable({ head: ["a&b"], rows: [["<b>"], ["\"'"]] }),
    "<table><thead><tr><th>a&#38;b</th></tr></thead>" +
      "<tbody><tr><td>&#60;b&#62;</td></tr><tr><td>&#34;&#39;</td></tr></tbody></table>",
  );
});
