import { LineIndex } from "../../../lib/ndjson/line_index.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

Deno.test("LineIndex reads single lines, and no line of a file that became shorter", async () => {
  await using folder = await makeFolder({ "list.ndjson": "1\n22\n\n333\ncut off" });
  const path = `${folder.path}/list.ndjson`;
  using index = await LineIndex.open(path);
  const line = (number: number) => new TextDecoder().decode(index.at(number));
  assertEquals([index.count, line(3), line(0), line(2), line(1)], [4, "333", "1", "", "22"]);
  assertThrows(() => line(4), RangeError, "Cannot read line 4: the file has only 4 lines");
  Deno.truncateSync(path, 4);
  assertEquals(line(1), "22");
  assertThrows(() => line(3), Error, `Cannot read line 3: ${path} has become shorter`);
});
