import type { OutputRow } from "../../../../lib/formats/output.ts";
import { writeParquet } from "../../../../lib/formats/parquet/write_parquet.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";
import { openDuckDb, readList, rowsOf } from "../../../support/parquet.ts";

/** Writes results, one batch each, and returns the columns and rows that DuckDB reads. */
async function write(path: string, results: readonly string[], args?: readonly string[]) {
  await Deno.writeTextFile(path, "");
  const rows = async function* (): AsyncGenerator<OutputRow[]> {
    for (const [id, result] of results.entries()) yield [{ id, result, args: args?.[id] }];
  };
  await writeParquet({ name: path, rows }, { withArgs: args !== undefined }, path);
  using db = await openDuckDb();
  const described = await rowsOf(db, `describe select * from '${path}'`) as Record<
    string,
    string
  >[];
  const columns = described.map(({ column_name, column_type }) => `${column_name} ${column_type}`);
  return { columns, rows: await rowsOf(db, `select * from '${path}'`) };
}

interface Case {
  readonly results: readonly string[];
  readonly args?: readonly string[];
  readonly columns: readonly string[];
  /** The records that this project reads from the file. */
  readonly records: readonly string[];
}

const CASES: Readonly<Record<string, Case>> = {
  "numbers keep their digits": {
    results: ['{"i":9007199254740993,"d":1.5,"b":true}', '{"i":-1,"d":2}', '{"d":null}'],
    columns: ["i BIGINT", "d DOUBLE", "b BOOLEAN"],
    records: [
      '{"i":9007199254740993,"d":1.5,"b":true}',
      '{"i":-1,"d":2,"b":null}',
      '{"i":null,"d":null,"b":null}',
    ],
  },
  "numbers of a double with more digits than it needs": {
    results: ['{"d":0.1000000000000000055511151231257827}', '{"d":1.000000000000000056e-01}'],
    columns: ["d DOUBLE"],
    records: ['{"d":0.1}', '{"d":0.1}'],
  },
  "numbers that no double represents": {
    results: ['{"a":3.14159265358979323846,"b":1e-400,"c":1e400,"d":[0.12345678901234567891]}'],
    columns: ["a JSON", "b JSON", "c JSON", "d JSON"],
    records: ['{"a":3.14159265358979323846,"b":1e-400,"c":1e400,"d":[0.12345678901234567891]}'],
  },
  "the negative zero": {
    results: ['{"a":-0}', '{"a":1}'],
    columns: ["a DOUBLE"],
    records: ['{"a":-0}', '{"a":1}'],
  },
  "the negative zero beside zero, many times": {
    results: Array(9).fill(['{"a":0,"b":[{"c":-0}]}', '{"a":-0,"b":[{"c":0.0}]}']).flat(),
    columns: ["a DOUBLE", "b STRUCT(c DOUBLE)[]"],
    records: Array(9).fill(['{"a":0,"b":[{"c":-0}]}', '{"a":-0,"b":[{"c":0}]}']).flat(),
  },
  "keys that are names of methods": {
    results: ['{"a":{"toString":"x","__proto__":[1]}}', '{"a":{"constructor":1}}'],
    columns: ["a STRUCT(toString VARCHAR, __proto__ BIGINT[], constructor BIGINT)"],
    records: [
      '{"a":{"toString":"x","__proto__":[1],"constructor":null}}',
      '{"a":{"toString":null,"__proto__":null,"constructor":1}}',
    ],
  },
  "keys that UTF-8 cannot represent": {
    results: ['{"\\ud800":1,"\\udfff":2}'],
    columns: ['"\\ud800" BIGINT', '"\\udfff" BIGINT'],
    records: ['{"\\"\\\\ud800\\"":1,"\\"\\\\udfff\\"":2}'],
  },
  "values that are not objects": {
    results: ["1", "2.5", "null"],
    columns: ["result DOUBLE"],
    records: ['{"result":1}', '{"result":2.5}', '{"result":null}'],
  },
  "null in place of objects": {
    results: ["null", '{"a":1,"b":"x"}'],
    columns: ["a BIGINT", "b VARCHAR"],
    records: ['{"a":null,"b":null}', '{"a":1,"b":"x"}'],
  },
  "texts and keys of any characters": {
    results: ['{"a.b":"é\\"","c d":"","__proto__":1}'],
    columns: ["a.b VARCHAR", "c d VARCHAR", "__proto__ BIGINT"],
    records: ['{"a.b":"é\\"","c d":"","__proto__":1}'],
  },
  "values of several types are JSON": {
    results: ["1", '"x"', "null", "[1.10]"],
    columns: ["result JSON"],
    records: ['{"result":1}', '{"result":"x"}', '{"result":null}', '{"result":[1.10]}'],
  },
  "numbers that no type can represent are JSON": {
    results: ['{"big":18446744073709551616,"huge":1e400,"both":9007199254740993}', '{"both":1.5}'],
    columns: ["big JSON", "huge JSON", "both JSON"],
    records: [
      '{"big":18446744073709551616,"huge":1e400,"both":9007199254740993}',
      '{"big":null,"huge":null,"both":1.5}',
    ],
  },
  "nested values": {
    results: [
      '{"s":{"a":1,"b":[{"c":"x"},null,{}]},"l":[[1],[],null,[null,2]]}',
      '{"s":null,"l":null}',
      '{"s":{"a":null,"b":[]},"l":[]}',
      '{"l":[[]]}',
    ],
    columns: ["s STRUCT(a BIGINT, b STRUCT(c VARCHAR)[])", "l BIGINT[][]"],
    records: [
      '{"s":{"a":1,"b":[{"c":"x"},null,{"c":null}]},"l":[[1],[],null,[null,2]]}',
      '{"s":null,"l":null}',
      '{"s":{"a":null,"b":[]},"l":[]}',
      '{"s":null,"l":[[]]}',
    ],
  },
  "nested values of several types are JSON": {
    results: ['{"s":{"a":[1,"x"]},"e":{}}', '{"s":{"a": 2.0}}'],
    columns: ["s JSON", "e JSON"],
    records: ['{"s":{"a":[1,"x"]},"e":{}}', '{"s":{"a": 2.0},"e":null}'],
  },
  "no results": { results: [], columns: ["result JSON"], records: [] },
  "objects without keys": {
    results: ["{}", "{}"],
    columns: ["result JSON"],
    records: ['{"result":{}}', '{"result":{}}'],
  },
  "an object without keys before other values": {
    results: ["{}", "0.5", "null", '{"a":1}'],
    columns: ["result JSON", "a BIGINT"],
    records: [
      '{"result":{},"a":null}',
      '{"result":0.5,"a":null}',
      '{"result":null,"a":null}',
      '{"result":null,"a":1}',
    ],
  },
  "an object without keys before null": {
    results: ["{}", "null"],
    columns: ["result JSON"],
    records: ['{"result":{}}', '{"result":null}'],
  },
  "results with their arguments": {
    results: ['{"m":1}', '{"m":2}'],
    args: ['{"x":1}', '{"x":2,"y":{"z":"a"}}'],
    columns: ["id BIGINT", "args.x BIGINT", "args.y STRUCT(z VARCHAR)", "m BIGINT"],
    records: [
      '{"id":0,"args.x":1,"args.y":null,"m":1}',
      '{"id":1,"args.x":2,"args.y":{"z":"a"},"m":2}',
    ],
  },
  "Features are their properties and geometry": {
    results: [
      '{"type":"Feature","id":7,"geometry":{"type":"Point","coordinates":[1,2.5]},' +
      '"properties":{"n":"a"}}',
      '{"type":"Feature","geometry":null,"properties":null}',
      '{"type":"Polygon","coordinates":[[[0,0,5],[1,0,5],[1,1,5],[0,0,5]]]}',
      "null",
    ],
    columns: ["n VARCHAR", "id BIGINT", "geometry GEOMETRY('OGC:CRS84')"],
    records: [
      '{"n":"a","id":7,"geometry":{"type":"Point","coordinates":[1,2.5]}}',
      '{"n":null,"id":null,"geometry":null}',
      '{"n":null,"id":null,"geometry":{"type":"Polygon","coordinates":' +
      "[[[0,0,5],[1,0,5],[1,1,5],[0,0,5]]]}}",
      '{"n":null,"id":null,"geometry":null}',
    ],
  },
  "other members of Features are columns, too": {
    results: [
      '{"type":"Feature","bbox":[0,1],"id":"f","geometry":{"type":"Point","coordinates":[0,1]},' +
      '"properties":{"n":5}}',
    ],
    columns: ["n BIGINT", "bbox BIGINT[]", "id VARCHAR", "geometry GEOMETRY('OGC:CRS84')"],
    records: ['{"n":5,"bbox":[0,1],"id":"f","geometry":{"type":"Point","coordinates":[0,1]}}'],
  },
  "a property has another column than a member with its name": {
    results: [
      '{"type":"Feature","geometry":null,"properties":{"id":5,"geometry":1,"properties.id":"x"}}',
      '{"type":"Feature","id":"f","geometry":{"type":"Point","coordinates":[0,1]},"properties":{}}',
    ],
    columns: [
      "properties.properties.id BIGINT",
      "properties.geometry BIGINT",
      "properties.id VARCHAR",
      "geometry GEOMETRY('OGC:CRS84')",
      "id VARCHAR",
    ],
    records: [
      '{"properties.properties.id":5,"properties.geometry":1,"properties.id":"x","geometry":null,' +
      '"id":null}',
      '{"properties.properties.id":null,"properties.geometry":null,"properties.id":null,' +
      '"geometry":{"type":"Point","coordinates":[0,1]},"id":"f"}',
    ],
  },
  "objects with a type and coordinates that are not geometry": {
    results: ['{"type":"station","coordinates":[1,2],"height":3}', "null"],
    columns: ["type VARCHAR", "coordinates BIGINT[]", "height BIGINT"],
    records: [
      '{"type":"station","coordinates":[1,2],"height":3}',
      '{"type":null,"coordinates":null,"height":null}',
    ],
  },
  "a Feature whose properties are not an object": {
    results: ['{"type":"Feature","geometry":null,"properties":["x"]}'],
    columns: ["type VARCHAR", "geometry VARCHAR", "properties VARCHAR[]"],
    records: ['{"type":"Feature","geometry":null,"properties":["x"]}'],
  },
  "empty geometry": {
    results: [
      '{"g":{"type":"Point","coordinates":[]}}',
      '{"g":{"type":"LineString","coordinates":[]}}',
      '{"g":{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[]},' +
      '{"type":"Point","coordinates":[1,2,3]}]}}',
    ],
    columns: ["g GEOMETRY('OGC:CRS84')"],
    records: [
      '{"g":{"type":"Point","coordinates":[]}}',
      '{"g":{"type":"LineString","coordinates":[]}}',
      '{"g":{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[]},' +
      '{"type":"Point","coordinates":[1,2,3]}]}}',
    ],
  },
  "positions of a geometry with and without an altitude": {
    results: [
      '{"g":{"type":"LineString","coordinates":[[1,2],[3,4,5]]}}',
      '{"g":{"type":"MultiPoint","coordinates":[[1,2,3],[4,5]]}}',
      '{"g":{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},' +
      '{"type":"Point","coordinates":[1,2,3]}]}}',
    ],
    columns: ["g GEOMETRY('OGC:CRS84')"],
    records: [
      '{"g":{"type":"LineString","coordinates":[[1,2],[3,4,5]]}}',
      '{"g":{"type":"MultiPoint","coordinates":[[1,2,3],[4,5]]}}',
      '{"g":{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},' +
      '{"type":"Point","coordinates":[1,2,3]}]}}',
    ],
  },
  "a coordinate that no double represents": {
    results: ['{"g":{"type":"Point","coordinates":[9007199254740993,1]}}'],
    columns: ['g STRUCT("type" VARCHAR, coordinates BIGINT[])'],
    records: ['{"g":{"type":"Point","coordinates":[9007199254740993,1]}}'],
  },
  "an invalid geometry is a struct": {
    results: ['{"geometry":{"type":"Point","coordinates":[1]}}'],
    columns: ['geometry STRUCT("type" VARCHAR, coordinates BIGINT[])'],
    records: ['{"geometry":{"type":"Point","coordinates":[1]}}'],
  },
};

Deno.test("writeParquet() writes columns with the types of all results", async (t) => {
  await using folder = await makeFolder();
  const path = `${folder.path}/t.parquet`;
  for (const [name, { results, args, columns, records }] of Object.entries(CASES)) {
    await t.step(name, async () => {
      assertEquals((await write(path, results, args)).columns, columns);
      assertEquals((await readList(path)).records, records);
    });
  }
});

Deno.test("writeParquet() keeps keys inside objects that UTF-8 cannot represent", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/t.parquet`, result = '{"a":{"\\ud800":1,"\\ud801":2}}';
  await writeParquet(
    {
      name: path,
      async *rows() {
        yield [{ id: 0, result }];
      },
    },
    {},
    path,
  );
  assertEquals((await readList(path)).records, [result]);
});

Deno.test("DuckDB reads the values that writeParquet() writes", async () => {
  await using folder = await makeFolder();
  const results = ['{"i":9007199254740993,"t":"é","l":[{"a":1.5}],"m":[1,"x"]}', '{"i":1,"m":2}'];
  assertEquals((await write(`${folder.path}/t.parquet`, results)).rows, [
    { i: "9007199254740993", t: "é", l: [{ a: 1.5 }], m: '[1,"x"]' },
    { i: "1", t: null, l: null, m: "2" },
  ]);
});

Deno.test("results of several row groups keep their order", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/t.parquet`, long = "x".repeat(40_000);
  const results = Array.from(
    { length: 900 },
    (_, i) => `{"i":${i},"long":"${long}","few":[${i % 3}]}`,
  );
  await write(path, results);
  assertEquals((await readList(path)).records, results);
  using db = await openDuckDb();
  const sql = `select count(distinct row_group_id)::int as n from parquet_metadata('${path}')`;
  assertEquals(await rowsOf(db, sql), [{ n: 3 }]);
});

Deno.test("writeParquet() writes columns that are known before the rows", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/t.parquet`;
  await Deno.writeTextFile(path, "");
  const rows = async function* (): AsyncGenerator<OutputRow[]> {};
  await writeParquet({ name: path, keys: ["b", "1"], rows }, {}, path);
  using db = await openDuckDb();
  assertEquals(await rowsOf(db, `select column_name from (describe from '${path}')`), [
    { column_name: "b" },
    { column_name: "1" },
  ]);
});
