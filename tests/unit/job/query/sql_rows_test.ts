import { querySql } from "../../../../lib/job/query/sql_rows.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { openDatabase, type SqlDatabase } from "../../../../lib/util/sqlite.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

/** Opens a table of three rows, whose iterators end after `limit` rows, as at an error of the disk. */
function openBroken(limit: number, exec: (sql: string) => void = () => {}): SqlDatabase {
  const db = openDatabase(":memory:");
  db.exec("create table t(x); insert into t values (1), (2), (3)");
  return {
    exec,
    prepare(sql) {
      const statement = db.prepare(sql);
      const { iterate } = statement;
      statement.iterate = () => Array.from(iterate.call(statement)).slice(0, limit);
      return statement;
    },
    close: () => db.close(),
    limits: db.limits,
  };
}

Deno.test("querySql() throws when the rows end early, as at an error of the disk", async (t) => {
  const broken = () => {
    throw new Error("disk I/O error");
  };
  const cases: [name: string, limit: number, exec: (() => void) | undefined, text: string][] = [
    ["the disk still fails", 0, broken, "disk I/O error"],
    ["it has failed once", 0, undefined, "the disk has failed after 0 rows"],
    ["some rows could be read", 1, undefined, "the disk has failed after 1 row"],
  ];
  for (const [name, limit, exec, text] of cases) {
    await t.step(name, () => {
      const db = openBroken(limit, exec), { rows } = querySql(db, "select x from t");
      const error = assertThrows(() => [...rows()], Error);
      assertEquals(error instanceof UsageError, false);
      assertEquals(
        error.message,
        `Cannot run the query: ${text}, check the disk and try again`,
      );
      db.close();
    });
  }
});

Deno.test("querySql() accepts a query whose number of rows changes with each call", () => {
  const db = openDatabase(":memory:");
  db.exec("create table t(x); insert into t values (1), (2), (3)");
  const { rows } = querySql(db, "select x from t where RANDOM() % 2");
  for (let call = 0; call < 20; call++) assertEquals([...rows()].length <= 3, true);
  db.close();
});
