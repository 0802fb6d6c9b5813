import { parseShown } from "../../../../lib/web/page/shown_json.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("parseShown() keeps the digits of numbers for JSON.stringify", () => {
  const text = '{"id":9007199254740993,"v":[1.10,-0,1e400,2,"3"],"__proto__":null}';
  assertEquals(JSON.stringify(parseShown(text)), text);
  assertEquals(parseShown("[1.5,2]"), [1.5, 2]);
});
