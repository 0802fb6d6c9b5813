import { LineSum } from "../../../../lib/util/files/line_sum.ts";
import { exists } from "../../../../lib/util/files/fs.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("LineSum is equal for the same lines in any order, and writes no file", async (t) => {
  const cases: [name: string, parts: string[], isSame: boolean][] = [
    ["the same lines", ["1\n2\n2\n"], true],
    ["in several parts", ["1\n", "2\n2\n"], true],
    ["in another order", ["2\n1\n", "2\n"], true],
    ["another line", ["1\n2\n3\n"], false],
    ["a line is missing", ["1\n2\n"], false],
    ["a line is there more often", ["1\n2\n2\n2\n"], false],
    ["nothing", [], false],
  ];
  await using folder = await makeFolder();
  const path = `${folder.path}/out`, { count, sum } = sumOf(path, ["1\n2\n2\n"]);
  for (const [name, parts, isSame] of cases) {
    await t.step(name, () => {
      const other = sumOf(path, parts);
      assertEquals(other.count === count && other.sum === sum, isSame);
      assertEquals(exists(path), false);
    });
  }
});

function sumOf(path: string, parts: readonly string[]): LineSum {
  const sum = new LineSum(path);
  for (const part of parts) sum.write(new TextEncoder().encode(part));
  return sum;
}
