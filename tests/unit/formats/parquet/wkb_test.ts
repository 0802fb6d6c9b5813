import { readWkb } from "../../../../lib/formats/parquet/wkb.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

/** A geometry to write: its type, the numbers that follow, and the geometries in it. */
interface Written {
  readonly code: number;
  readonly counts?: readonly number[];
  readonly numbers?: readonly number[];
  readonly parts?: readonly Written[];
}

/** Writes counts as integers, then numbers, then parts. */
function wkb(written: Written, isLittle: boolean): number[] {
  const { code, counts = [], numbers = [], parts = [] } = written;
  const view = new DataView(new ArrayBuffer(5 + 4 * counts.length + 8 * numbers.length));
  view.setUint8(0, isLittle ? 1 : 0);
  [code, ...counts].forEach((one, i) => view.setUint32(1 + 4 * i, one, isLittle));
  const start = 5 + 4 * counts.length;
  numbers.forEach((one, i) => view.setFloat64(start + 8 * i, one, isLittle));
  // The parts have their own order of bytes.
  return [...new Uint8Array(view.buffer), ...parts.flatMap((part) => wkb(part, !isLittle))];
}

function read(written: Written, isLittle = true): { json: string; notices: string[] } {
  const notices: string[] = [], bytes = Uint8Array.from(wkb(written, isLittle));
  const geometry = readWkb(bytes, (text, isChange) => void (isChange && notices.push(text)));
  return { json: JSON.stringify(geometry), notices };
}

const Z = 0x80000000, M = 0x40000000, SRID = 0x20000000;
const NO_M = "has M values, which GeoJSON does not have";
const NO_NUMBER = "has NaN or Infinity, which become null";

const CASES: readonly [name: string, written: Written, json: string, notices?: string[]][] = [
  ["a point", { code: 1, numbers: [1, 2.5] }, '{"type":"Point","coordinates":[1,2.5]}'],
  ["an empty point", { code: 1, numbers: [NaN, NaN] }, '{"type":"Point","coordinates":[]}'],
  ["an altitude", { code: 1001, numbers: [1, 2, 3] }, '{"type":"Point","coordinates":[1,2,3]}'],
  [
    "an altitude in the older notation",
    { code: 1 | Z, numbers: [1, 2, 3] },
    '{"type":"Point","coordinates":[1,2,3]}',
  ],
  [
    "a reference system",
    { code: 1 | SRID, counts: [4326], numbers: [1, 2] },
    '{"type":"Point","coordinates":[1,2]}',
  ],
  [
    "an altitude that is NaN",
    { code: 1001, numbers: [1, 2, NaN] },
    '{"type":"Point","coordinates":[1,2]}',
  ],
  ["M", { code: 2001, numbers: [1, 2, 9] }, '{"type":"Point","coordinates":[1,2]}', [NO_M]],
  [
    "an altitude and M",
    { code: 3001, numbers: [1, 2, 3, 9] },
    '{"type":"Point","coordinates":[1,2,3]}',
    [NO_M],
  ],
  [
    "an altitude and M in the older notation",
    { code: (1 | Z | M) >>> 0, numbers: [1, 2, 3, 9] },
    '{"type":"Point","coordinates":[1,2,3]}',
    [NO_M],
  ],
  ["an empty line", { code: 2, counts: [0] }, '{"type":"LineString","coordinates":[]}'],
  [
    "a line with Infinity",
    { code: 2, counts: [2], numbers: [0, Infinity, NaN, NaN] },
    '{"type":"LineString","coordinates":[[0,null],[null,null]]}',
    [NO_NUMBER, NO_NUMBER],
  ],
  [
    "a polygon",
    { code: 3, counts: [1, 3], numbers: [0, 0, 1, 0, 0, 0] },
    '{"type":"Polygon","coordinates":[[[0,0],[1,0],[0,0]]]}',
  ],
  [
    "points, one of them empty",
    {
      code: 4,
      counts: [2],
      parts: [{ code: 1, numbers: [NaN, NaN] }, { code: 1, numbers: [1, 2] }],
    },
    '{"type":"MultiPoint","coordinates":[[1,2]]}',
  ],
  [
    "lines",
    { code: 5, counts: [1], parts: [{ code: 2, counts: [1], numbers: [1, 2] }] },
    '{"type":"MultiLineString","coordinates":[[[1,2]]]}',
  ],
  [
    "polygons, of which one is empty",
    {
      code: 6,
      counts: [2],
      parts: [{ code: 3, counts: [0] }, { code: 3, counts: [1, 1], numbers: [1, 2] }],
    },
    '{"type":"MultiPolygon","coordinates":[[],[[[1,2]]]]}',
  ],
  [
    "a collection with parts of different dimensions",
    {
      code: 7 | Z,
      counts: [2],
      parts: [{ code: 1, numbers: [1, 2] }, { code: 1 | Z, numbers: [1, 2, 3] }],
    },
    '{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},' +
    '{"type":"Point","coordinates":[1,2,3]}]}',
  ],
];

Deno.test("readWkb() returns the geometry in both orders of bytes", async (t) => {
  for (const [name, written, json, notices = []] of CASES) {
    await t.step(name, () => {
      for (const isLittle of [true, false]) {
        assertEquals(read(written, isLittle), { json, notices });
      }
    });
  }
});

Deno.test("readWkb() refuses other types, and bytes that end early", () => {
  const curve = assertThrows(() => read({ code: 8, counts: [0] }), TypeError);
  assertEquals(curve.message, "it has the type 8, which GeoJSON does not have");
  const cut = assertThrows(() => read({ code: 2, counts: [2], numbers: [1, 2] }), RangeError);
  assertEquals(cut.message, "its well-known binary ends early");
});
