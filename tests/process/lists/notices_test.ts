/**
 * Facts about files that a job reports.
 *
 * @module
 */

import { assertEquals } from "../../support/assert.ts";
import { cli, enterFolder } from "../../support/jobs.ts";
import { openDuckDb, rowsOf } from "../../support/parquet.ts";

const WORK = "export const same = (x: unknown) => x;";

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

Deno.test("map --quiet hides facts about files, but not that values are changed", async () => {
  await using folder = await enterFolder({ "work.ts": WORK, "a.csv": "t;u\n=1;2\n" });
  using db = await openDuckDb();
  await rowsOf(
    db,
    `copy (select 'NaN'::double as x, 'b'::blob as b) to '${folder.path}/a.parquet'`,
  );
  const changed = "column x of a.parquet has NaN or Infinity, which become null (first in row 1)";
  for (const args of [["a.parquet"], ["--grid", "y=@a.parquet"], ["a.parquet", "--shuffle"]]) {
    const { stderr: err } = await cli(["map", "work.ts#same", ...args, "-q"]);
    assertEquals(linesOf(err), [changed], args.join(" "));
  }
  const { stderr: err } = await cli(["map", "work.ts#same", "a.csv", "-q", "-o", "out.csv"]);
  assertEquals(linesOf(err), [
    `An apostrophe is before a cell of ${folder.path}/out.csv, which a spreadsheet would ` +
    "calculate: --raw keeps the texts",
  ]);
});

Deno.test("map reports facts about the files of parameters", async () => {
  await using _folder = await enterFolder({
    "work.ts": WORK,
    "a.csv": "t;u\n1;2\n",
    "b.json": "[1, 2]",
  });
  const args = ["map", "work.ts#same", "--grid", "y=@a.csv,@b.json"];
  const { stderr: err } = await cli(args);
  assertEquals(linesOf(err).slice(1, 3), [
    "The delimiter of a.csv is ';'",
    "b.json is a JSON array of 2 elements, a task each",
  ]);
});
