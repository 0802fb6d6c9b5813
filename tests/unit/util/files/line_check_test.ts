import { LineCheck } from "../../../../lib/util/files/line_check.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("LineCheck compares all lines with a file, and does not change it", async (t) => {
  const cases: [name: string, text: string | undefined, lines: string[], isSame: boolean][] = [
    ["equal", "1\n2\n", ["1\n", "2\n"], true],
    ["empty", "", [], true],
    ["another line", "1\n3\n", ["1\n", "2\n"], false],
    ["another order", "2\n1\n", ["1\n", "2\n"], false],
    ["too short", "1\n", ["1\n", "2\n"], false],
    ["too long", "1\n2\n3\n", ["1\n", "2\n"], false],
    ["missing", undefined, [], false],
  ];
  for (const [name, text, lines, isSame] of cases) {
    await t.step(name, async () => {
      await using folder = await makeFolder(text === undefined ? {} : { out: text });
      const check = new LineCheck(`${folder.path}/out`);
      for (const line of lines) check.write(new TextEncoder().encode(line));
      assertEquals(check.end(), isSame);
      const now = await Deno.readTextFile(`${folder.path}/out`).catch(() => undefined);
      assertEquals(now, text);
    });
  }
});
