/**
 * Results as GeoJSON, read back by a strict reader.
 *
 * @module
 */

import { check } from "npm:@placemarkio/check-geojson@0.1.14";
import type { OutputRow } from "../../../../lib/formats/output.ts";
import { writeGeojson } from "../../../../lib/formats/json/write_geojson.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";

async function geojson(rows: readonly OutputRow[]): Promise<string> {
  const source = { name: "x.geojson", rows: () => ReadableStream.from([rows]) };
  return (await Array.fromAsync(writeGeojson(source))).join("");
}

const POINT = '{"type":"Point","coordinates":[1.50,2]}';

Deno.test("writeGeojson() writes a Feature for each result", async (t) => {
  const cases: [name: string, row: Omit<OutputRow, "id">, features: string[]][] = [
    [
      "a Feature, unchanged",
      {
        result: `{"type":"Feature","id":7,"geometry":${POINT},"properties":null,"bbox":[1,2,1,2]}`,
      },
      [`{"type":"Feature","id":7,"geometry":${POINT},"properties":null,"bbox":[1,2,1,2]}`],
    ],
    [
      "a FeatureCollection",
      {
        result: `{"type":"FeatureCollection","features":[${
          [1, 2].map((n) => `{"type":"Feature","geometry":null,"properties":{"n":${n}}}`)
        }]}`,
      },
      [1, 2].map((n) => `{"type":"Feature","geometry":null,"properties":{"n":${n}}}`),
    ],
    ["a FeatureCollection without Features", {
      result: '{"type":"FeatureCollection","features":[]}',
    }, []],
    ["a geometry", { result: POINT }, [`{"type":"Feature","geometry":${POINT},"properties":{}}`]],
    [
      "a GeometryCollection",
      { result: `{"type":"GeometryCollection","geometries":[${POINT}]}` },
      [
        `{"type":"Feature","geometry":{"type":"GeometryCollection","geometries":[${POINT}]},` +
        '"properties":{}}',
      ],
    ],
    [
      "an object with a geometry",
      { result: `{ "type": "lake", "geometry": ${POINT}, "m": {"a": 12345678901234567890} }` },
      [
        `{"type":"Feature","geometry":${POINT},` +
        '"properties":{"type":"lake","m":{"a": 12345678901234567890}}}',
      ],
    ],
    ["null", { result: "null" }, ['{"type":"Feature","geometry":null,"properties":{}}']],
    [
      "a Feature with its arguments",
      {
        result: `{"type":"Feature","id":"x","geometry":${POINT},"properties":{"a":1,"args.d":0}}`,
        args: '{"b":{"c":2},"d":[3]}',
      },
      [
        `{"type":"Feature","id":"x","geometry":${POINT},` +
        '"properties":{"a":1,"args.d":0,"args.b.c":2,"task.args.d":[3]}}',
      ],
    ],
    [
      "arguments whose names are taken",
      {
        result: `{"type":"Feature","id":1,"geometry":${POINT},` +
          '"properties":{"args.d":0,"task.args.d":1}}',
        args: '{"d":3}',
      },
      [
        `{"type":"Feature","id":1,"geometry":${POINT},` +
        '"properties":{"args.d":0,"task.args.d":1,"task.task.args.d":3}}',
      ],
    ],
    [
      "properties that are not an object, with an argument",
      { result: '{"type":"Feature","id":1,"geometry":null,"properties":["x"]}', args: "5" },
      ['{"type":"Feature","id":1,"geometry":null,"properties":{"properties":["x"],"args":5}}'],
    ],
    [
      "a geometry with its argument",
      { result: POINT, args: "5" },
      [`{"type":"Feature","geometry":${POINT},"properties":{"args":5},"id":4}`],
    ],
  ];
  for (const [name, row, features] of cases) {
    await t.step(name, async () => {
      const text = await geojson([{ id: 4, ...row }]);
      const whole = features.length > 0 ? `\n${features.join(",\n")}\n` : "";
      assertEquals(text, `{"type":"FeatureCollection","features":[${whole}]}\n`);
      assertEquals(check(text), JSON.parse(text));
    });
  }
});

Deno.test("writeGeojson() writes arguments in the order of the first record", async () => {
  const args = ['{"a":1,"b":2}', '{"c":3,"b":4,"a":0,"a":5}'];
  const text = await geojson(args.map((args, id) => ({ id, result: POINT, args })));
  assertEquals(text.match(/"properties":\{.*?\}/g), [
    '"properties":{"args.a":1,"args.b":2}',
    '"properties":{"args.a":5,"args.b":4,"args.c":3}',
  ]);
});

Deno.test("writeGeojson() counts the results that are null", async () => {
  const rows = ["null", POINT, "null"].map((result, id) => ({ id, result }));
  const notices: string[] = [], notice = (text: string) => void notices.push(text);
  const source = { name: "x.geojson", notice, rows: () => ReadableStream.from([rows]) };
  await Array.fromAsync(writeGeojson(source));
  assertEquals(notices, [
    "Features of x.geojson without a geometry, because the result is null: 2",
  ]);
});

Deno.test("writeGeojson() refuses results without a geometry before it writes any", async (t) => {
  const results = [
    "1",
    '"POINT (1 2)"',
    "[]",
    "{}",
    '{"mean":1}',
    '{"geometry":"POINT (1 2)"}',
    '{"geometry":{"type":"Circle","coordinates":[1,2]}}',
    '{"type":"Point"}',
    '{"type":"Feature","properties":{}}',
    '{"type":"FeatureCollection"}',
    '{"type":"FeatureCollection","features":[1]}',
  ];
  for (const result of results) {
    await t.step(result, async () => {
      const rows = [{ id: 0, result: POINT }, { id: 1, result }];
      const source = { name: "x.geojson", rows: () => ReadableStream.from([rows]) };
      await assertRejects(
        () => writeGeojson(source).next(),
        UsageError,
        `Cannot write x.geojson: the result of task 1 has no geometry (${result}), return a ` +
          "Feature, a geometry or an object with the key geometry, or use another format",
      );
    });
  }
});

Deno.test("writeGeojson() keeps the coordinate reference system of all collections", async () => {
  const collection = (name: string | null, features = [POINT]) =>
    `{"type":"FeatureCollection","features":[${features}]` +
    (name === null ? "}" : `,"crs":{"type":"name","properties":{"name":"${name}"}}}`);
  const utm = "urn:ogc:def:crs:EPSG::25832", wgs84 = "urn:ogc:def:crs:OGC:1.3:CRS84";
  const write = (...results: string[]) => geojson(results.map((result, id) => ({ id, result })));
  const empty = collection(null, []);
  const { crs, features } = JSON.parse(
    await write("null", empty, collection(utm), collection(utm)),
  );
  assertEquals([crs.properties, features.length], [{ name: utm }, 3]);
  const { crs: none } = JSON.parse(await write(collection(wgs84), collection(null), POINT));
  assertEquals(none, undefined);
  for (const other of [POINT, collection(wgs84)]) {
    const { message } = await assertRejects(() => write(collection(utm), other), UsageError);
    assertEquals(
      message,
      `Cannot write x.geojson: the results of tasks 0 and 1 have coordinates of ${utm} and of ` +
        "WGS 84, convert them, or use another format",
    );
  }
});
