/**
 * Results as a database of SQLite, read back by Python.
 *
 * @module
 */

import { exists } from "../../../lib/util/files/fs.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { cli, enterFolder } from "../../support/jobs.ts";
import { skipSuffix, whyNoProgram } from "../../support/programs.ts";

const WORK = `
  const VALUES = [
    { a: 9007199254740993n, A: true, f: 1.5, s: "é x", o: { b: 1 }, l: [1] },
    { a: 123456789012345678901n, s: null, "quo\\"te": "=1+1" },
    null,
    [1, 2],
  ];
  export const value = (x) => {
    if (x.id > 3) throw new RangeError("no value " + x.id);
    return VALUES[x.id];
  };
`;

const READ = `
import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
rows = lambda sql: [list(row) for row in db.execute(sql)]
tables = [name for (name,) in db.execute("select name from sqlite_master order by name")]
columns = [row[1] for row in db.execute("pragma table_info(results)")]
tasks = rows("select task, state, attempts, class, error, args, result from tasks order by task") if "tasks" in tables else None
print(json.dumps([tables, columns, rows("select * from results"), tasks]))
`;

const whyNoPython = await whyNoProgram("python3");

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: name + skipSuffix(whyNoPython), ignore: whyNoPython !== undefined, fn });
}

/** Reads a database with Python: its tables, and the columns and rows of `results`. */
async function read(path: string): Promise<unknown[]> {
  const { success, stdout, stderr } = await new Deno.Command("python3", {
    args: ["-c", READ, path],
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  // Integers beyond 2^53 keep their digits.
  const text = new TextDecoder().decode(stdout);
  return JSON.parse(
    text,
    (_key, value, context?: { source?: string }) =>
      Number.isInteger(value) && !Number.isSafeInteger(value) ? context?.source : value,
  );
}

test("--output x.sqlite has a column for each key, and the tasks", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  const input = [0, 1, 2, 3, 4].map((id) => `{"id":${id}}\n`).join("");
  const args = ["map", "work.ts#value", "-q", "--grouped-results"];
  const { code } = await cli([...args, "-o", "out.sqlite", "--with-args"], { input });
  assertEquals(code, 1);
  const task = (
    id: number,
    result: string | null,
  ) => [id, "succeeded", 1, null, null, `{"id":${id}}`, result];
  const first = '{"a":9007199254740993,"A":true,"f":1.5,"s":"é x","o":{"b":1},"l":[1]}';
  const second = '{"a":123456789012345678901,"s":null,"quo\\"te":"=1+1"}';
  assertEquals(await read("out.sqlite"), [
    ["results", "tasks"],
    ["id", "args.id", "a", "A_2", "f", "s", "o", "l", 'quo"te', "result"],
    [
      [0, 0, "9007199254740993", 1, 1.5, "é x", '{"b":1}', "[1]", null, null],
      [1, 1, "123456789012345678901", null, null, null, null, null, "=1+1", null],
      [2, 2, null, null, null, null, null, null, null, null],
      [3, 3, null, null, null, null, null, null, null, "[1,2]"],
    ],
    [
      task(0, first),
      task(1, second),
      task(2, "null"),
      task(3, "[1,2]"),
      [4, "failed", 1, "error", "no value 4", '{"id":4}', null],
    ],
  ]);
});

test("the columns of SQLite have the names of those of CSV", async () => {
  const work = "export const keys = ({ x }) => x > 1 ? { id: 7, args: { x }, y: 1 } : null;";
  await using _folder = await enterFolder({ "keys.ts": work });
  await cli(["map", "keys.ts#keys", "-q"], { input: '{"x":1}\n{"x":2}\n' });
  const { code, stderr } = await cli(["results", "--with-args", "-o", "out.sqlite"]);
  assertEquals(code, 0, stderr);
  await cli(["results", "--with-args", "--nested", "json", "-o", "out.csv"]);
  const names = ["id", "args.x", "result.id", "args", "y"];
  assertEquals((await Deno.readTextFile("out.csv")).split("\n")[0], names.join());
  assertEquals((await read("out.sqlite"))[1], names);
});

test("a NUL in texts, keys and errors is written as an escape", async () => {
  const work = `export const nul = (x) => {
    if (x === 1) throw new Error("a\\u0000b");
    return { t: "a\\u0000b", "k\\u0000": 2 };
  };`;
  await using _folder = await enterFolder({ "nul.ts": work });
  await cli(["map", "nul.ts#nul", "-q", "-o", "out.sqlite"], { input: "0\n1\n" });
  assertEquals(await read("out.sqlite"), [
    ["results", "tasks"],
    ["t", "k\\0"],
    [['"a\\u0000b"', 2]],
    [
      [0, "succeeded", 1, null, null, "0", '{"t":"a\\u0000b","k\\u0000":2}'],
      [1, "failed", 1, "error", "a\\0b", "1", null],
    ],
  ]);
});

// The process ends as if it were killed, so the log of the database remains.
const LEAVE_LOG = `
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("pragma journal_mode = wal")
db.execute("create table earlier(x)")
db.executemany("insert into earlier values (?)", [(x,) for x in range(3000)])
db.commit()
os._exit(0)
`;

test("a database replaces an earlier one with its log", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  const leaveLog = async () => {
    await new Deno.Command("python3", { args: ["-c", LEAVE_LOG, "out.sqlite"] }).output();
    assert(exists("out.sqlite-wal"));
  };
  const names = () => Array.from(Deno.readDirSync("."), ({ name }) => name);
  const databases = () => names().filter((name) => name.startsWith("out.sqlite"));
  const commands = [
    ["map", "work.ts#value", "-q", "-o", "out.sqlite"],
    ["results", "-o", "out.sqlite"],
    ["query", "select task from tasks", "-o", "out.sqlite"],
  ];
  for (const [i, args] of commands.entries()) {
    await leaveLog();
    const { code, stderr } = await cli(args, { input: i === 0 ? '{"id":2}\n' : "" });
    assertEquals(code, 0, stderr);
    assertEquals(databases(), ["out.sqlite"]);
    const [tables] = await read("out.sqlite");
    assertEquals(tables, i === 2 ? ["results"] : ["results", "tasks"]);
    Deno.removeSync("out.sqlite");
  }
});

test("results and query write files of SQLite", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  await cli(["map", "work.ts#value", "-q"], { input: '{"id":5}\n' });
  const done = await cli(["results", "--output", "none.sqlite3"]);
  assertEquals([done.code, done.stderr], [0, "Wrote none.sqlite3\n"]);
  assertEquals(await read("none.sqlite3"), [
    ["results", "tasks"],
    ["result"],
    [],
    [[0, "failed", 1, "error", "no value 5", '{"id":5}', null]],
  ]);
  await cli(["query", "select 1 as one, error from tasks", "-o", "rows.sqlite"]);
  assertEquals(await read("rows.sqlite"), [
    ["results"],
    ["one", "error"],
    [[1, "no value 5"]],
    null,
  ]);
  const packed = await cli(["results", "--output", "none.sqlite.gz"]);
  assertEquals([packed.code, packed.stderr], [
    2,
    "Error: Cannot write none.sqlite.gz: files of sqlite are not compressed, leave out the last " +
    "ending\n",
  ]);
  assert(!exists("none.sqlite.gz"));
  for (const ending of ["db", "yaml.gz", "fgb", "pickle"]) {
    const name = `none.${ending}`, other = await cli(["results", "--output", name]);
    assertEquals([other.code, other.stderr], [
      2,
      `Error: Cannot write ${name}: .${ending.replace(".gz", "")} is not written, write .ndjson, ` +
      ".json, .csv, .tsv, .txt, .geojson, .parquet, .sqlite, .gz or .zst\n",
    ]);
    assert(!exists(name));
  }
});
