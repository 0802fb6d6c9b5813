import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";
import { openDuckDb, readList, rowsOf } from "../../../support/parquet.ts";

/** Values of each type of DuckDB: an expression, and the JSON that a task receives. */
const VALUES: readonly (readonly [sql: string, json: string])[] = [
  ["'-128'::tinyint", "-128"],
  ["'-32768'::smallint", "-32768"],
  ["'-2147483648'::int", "-2147483648"],
  ["9223372036854775807::bigint", "9223372036854775807"],
  ["'-9223372036854775808'::bigint", "-9223372036854775808"],
  ["255::utinyint", "255"],
  ["65535::usmallint", "65535"],
  ["4294967295::uinteger", "4294967295"],
  ["18446744073709551615::ubigint", "18446744073709551615"],
  ["'-5'::hugeint", "-5"],
  ["1.5::float", "1.5"],
  ["0.1::double", "0.1"],
  ["'-0.0'::double", "-0"],
  ["5e-324::double", "5e-324"],
  ["'nan'::double", "null"],
  ["true", "true"],
  ["'a\"é\n\\😀'", '"a\\"é\\n\\\\😀"'],
  ["''", '""'],
  ["chr(0) || chr(127)", '"\\u0000\x7f"'],
  ["'\\xFF\\x00'::blob", '"/wA="'],
  ["date '2024-02-29'", '"2024-02-29"'],
  ["date '0001-01-01'", '"0001-01-01"'],
  ["date '12345-01-01'", '"+012345-01-01"'],
  ["time '12:34:56.123456'", '"12:34:56.123456"'],
  ["timetz '12:34:56+02'", '"10:34:56.000000Z"'],
  ["timestamp '1969-12-31 23:59:59.999999'", '"1969-12-31T23:59:59.999999"'],
  ["timestamptz '2024-01-02 03:04:05.5+00'", '"2024-01-02T03:04:05.500000Z"'],
  ["timestamp_s '2024-01-02 03:04:05'", '"2024-01-02T03:04:05.000000"'],
  ["timestamp_ms '2024-01-02 03:04:05.123'", '"2024-01-02T03:04:05.123"'],
  ["timestamp_ns '1677-09-22 00:00:00.123456789'", '"1677-09-22T00:00:00.123456789"'],
  ["interval '1 month 2 days 3.5 seconds'", '"P1M2DT3.5S"'],
  ["12.34::decimal(4,2)", "12.34"],
  ["'-0.05'::decimal(9,2)", "-0.05"],
  ["1234567890123.5000::decimal(18,4)", "1234567890123.5000"],
  [
    "'-123456789012345678901234567890.12345678'::decimal(38,8)",
    "-123456789012345678901234567890.12345678",
  ],
  ["7::decimal(5,0)", "7"],
  ["'0190163d-8694-739b-aea5-966c26f8ad91'::uuid", '"0190163d-8694-739b-aea5-966c26f8ad91"'],
  ["'happy'::enum('sad', 'happy')", '"happy"'],
  [`'{"a":\n[1, 2.50, 12345678901234567890]}'::json`, '{"a": [1, 2.50, 12345678901234567890]}'],
  ["'1010'::bit", '"1010"'],
  ["[1, null, 3]", "[1,null,3]"],
  ["[[1], [], null]", "[[1],[],null]"],
  ["{'a': 1, 'b c': {'d': 'x'}}", '{"a":1,"b c":{"d":"x"}}'],
  ["map {'k': 1, 'l\"': null}", '{"k":1,"l\\"":null}'],
  ["map {1: [date '2024-01-01'], 2: []}", '{"1":["2024-01-01"],"2":[]}'],
  ["map {{'x': 1}: 2}", '[{"key":{"x":1},"value":2}]'],
  ["[{'a': 1}, null]", '[{"a":1},null]'],
  ["[map {'a': [1]}, null, map {}]", '[{"a":[1]},null,{}]'],
];

const OPTIONS = [
  "compression uncompressed",
  "compression snappy",
  "compression gzip",
  "compression zstd",
  "compression brotli",
  "compression lz4_raw",
  "parquet_version v2",
  "parquet_version v2, compression zstd, dictionary_size_limit 1",
];

Deno.test("a Parquet file of DuckDB keeps every value of every type", async (t) => {
  await using folder = await makeFolder();
  using db = await openDuckDb();
  await db.run("set timezone = 'UTC'");
  const columns = VALUES.map(([sql], i) => `${sql} as c${i}`).join(", ");
  // The second and third row have null in each column, also in front of values.
  await db.run(`create table t as select ${columns}`);
  await db.run(
    "insert into t select null::int as c0 from range(2)".replace("select", "(c0) select"),
  );
  await db.run(`insert into t select ${columns}`);
  const row = `{${VALUES.map(([, json], i) => `"c${i}":${json}`).join(",")}}`;
  const nulls = `{${VALUES.map((_, i) => `"c${i}":null`).join(",")}}`;
  for (const options of OPTIONS) {
    await t.step(options, async () => {
      const path = `${folder.path}/t.parquet`;
      await db.run(`copy t to '${path}' (format parquet, ${options})`);
      const { records, notices } = await readList(path);
      assertEquals(records, [row, nulls, nulls, row]);
      assertEquals(notices, [
        `column c19 of ${path} is binary, its values become base64 text`,
        `column c14 of ${path} has NaN or Infinity, which become null (first in row 1)`,
      ]);
    });
  }
});

Deno.test("many values in each encoding of DuckDB are those of DuckDB", async (t) => {
  await using folder = await makeFolder();
  using db = await openDuckDb();
  await db.run(`create table t as select (hash(i) % 4294967296)::uinteger u32,
    ((hash(i) % 4294967296)::bigint - 2147483648)::int i32, (i * 3)::int steps, hash(i) u64,
    (hash(i * 7) // 2)::bigint i64, 'prefix ' || i texts, 'é' || (i % 7) few,
    case when i % 5 = 0 then null else i end holes, i % 3 = 0 flags, [x for x in range(i % 4)] lists,
    [{'a': [i, null]}] deep from range(3000) r(i)`);
  for (
    const options of [
      "row_group_size 2048",
      "parquet_version v2",
      "parquet_version v2, dictionary_size_limit 1",
    ]
  ) {
    await t.step(options, async () => {
      const path = `${folder.path}/t.parquet`;
      await db.run(`copy t to '${path}' (format parquet, ${options})`);
      const { records } = await readList(path);
      const rows = await rowsOf(db, "select to_json(t)::varchar as json from t");
      assertEquals(records, rows.map((row) => (row as { json: string }).json));
    });
  }
});

Deno.test("a row with a value that JSON has no form for fails alone", async () => {
  await using folder = await makeFolder();
  using db = await openDuckDb();
  const path = `${folder.path}/t.parquet`;
  await db.run(
    `copy (select * from (values (1, [timestamp '2024-01-01']), (2, ['infinity'::timestamp]),
    (3, [null])) v(id, times)) to '${path}' (format parquet)`,
  );
  assertEquals(await readList(path), {
    records: [
      '{"id":1,"times":["2024-01-01T00:00:00.000000"]}',
      `Cannot read ${path}:2: its times.list.element: its time 9223372036854775807 is out of range`,
      '{"id":3,"times":[null]}',
    ],
    notices: [],
  });
});
