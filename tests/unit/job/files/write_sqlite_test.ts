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

Deno.test("writeSqlite() keeps all digits of numbers", async () => {
  const numbers = [
    "1.50",
    "-0",
    "9007199254740993",
    "12345678901234567890",
    "0.1000000000000000055511151231257827",
    "0.12345678901234567",
    "3.14159265358979323846",
    "1e-400",
    "1e400",
  ];
  assertEquals(await write(numbers.map((number) => `{"a":${number}}`)), [["a"], [
    "real 1.5",
    "real 0.0",
    "integer 9007199254740993",
    "text 12345678901234567890",
    "real 0.1",
    "text 0.12345678901234567",
    "text 3.14159265358979323846",
    "text 1e-400",
    "text 1e400",
  ]]);
});

Deno.test("writeSqlite() gives keys that UTF-8 cannot represent columns of their own", async () => {
  assertEquals(await write(['{"a":1,"\\ud800":2,"\\udfff":3}']), [
    ["a", '"\\ud800"', '"\\udfff"'],
    ["integer 1"],
  ]);
});
