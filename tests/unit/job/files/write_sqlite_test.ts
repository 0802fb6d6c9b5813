/**
 * Results as a database of SQLite, read back by SQLite itself.
 *
 * @module
 */

import { writeSqlite } from "../../../../lib/job/files/write_sqlite.ts";
import { openDatabase } from "../../../../lib/util/sqlite.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";

/** Writes results, and returns the columns, and the types and texts of the cells. */
async function write(results: readonly string[]): Promise<unknown[]> {
  await using folder = await makeFolder();
  const path = `${folder.path}/x.sqlite`;
  const rows = async function* () {
    yield results.map((result, id) => ({ id, result }));
  };
  await writeSqlite({ name: path, rows }, {}, path);
  const db = openDatabase(path);
  try {
    const texts = (sql: string) => Array.from(db.prepare(sql).iterate(), textOf);
    const cells = "select typeof(a) || ' ' || cast(a as text) as text from results";
    return [texts("select name as text from pragma_table_info('results')"), texts(cells)];
  } finally {
    db.close();
  }
}

function textOf(row: unknown): string {
  return (row as { text: string }).text;
}

Deno.test("writeSqlite() gives keys that UTF-8 cannot represent columns of their own", async () => {
  assertEquals(await write(['{"a":1,"\\ud800":2,"\\udfff":3}']), [
    ["a", '"\\ud800"', '"\\udfff"'],
    ["integer 1"],
  ]);
});
