import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";
import {
  arrow,
  Compression,
  Encoding,
  readList,
  writeArrow,
  type WriterOptions,
  WriterVersion,
} from "../../../support/parquet.ts";

const { Field, vectorFromArray: vector } = arrow;
const INT = new Field("item", new arrow.Int32(), true);

/** Columns of each type of Arrow: the values, and the JSON of each. */
const COLUMNS: Readonly<Record<string, readonly [arrow.Vector, ...json: string[]]>> = {
  i8: [vector([-128, null, 127], new arrow.Int8()), "-128", "null", "127"],
  i16: [vector([-32768, null, 7], new arrow.Int16()), "-32768", "null", "7"],
  u8: [vector([255, null, 0], new arrow.Uint8()), "255", "null", "0"],
  u16: [vector([65535, null, 0], new arrow.Uint16()), "65535", "null", "0"],
  u32: [vector([4294967295, null, 0], new arrow.Uint32()), "4294967295", "null", "0"],
  i64: [
    vector([-(2n ** 63n), null, 9007199254740993n], new arrow.Int64()),
    "-9223372036854775808",
    "null",
    "9007199254740993",
  ],
  u64: [
    vector([2n ** 64n - 1n, null, 0n], new arrow.Uint64()),
    "18446744073709551615",
    "null",
    "0",
  ],
  f16: [
    new arrow.Vector([
      arrow.makeData({
        type: new arrow.Float16(),
        data: new Uint16Array([0x3e00, 0x8001, 0x7bff]),
      }),
    ]),
    "1.5",
    "-5.960464477539063e-8",
    "65504",
  ],
  f32: [vector([1.5, null, -2], new arrow.Float32()), "1.5", "null", "-2"],
  f64: [vector([0.1, null, 1e300], new arrow.Float64()), "0.1", "null", "1e+300"],
  flag: [vector([true, null, false], new arrow.Bool()), "true", "null", "false"],
  text: [vector(["é", null, ""], new arrow.Utf8()), '"é"', "null", '""'],
  large: [vector(["a", null, "b"], new arrow.LargeUtf8()), '"a"', "null", '"b"'],
  few: [
    vector(["a", null, "a"], new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32())),
    '"a"',
    "null",
    '"a"',
  ],
  bytes: [
    vector([Uint8Array.of(0, 255), null, Uint8Array.of()], new arrow.Binary()),
    '"AP8="',
    "null",
    '""',
  ],
  fixed: [
    vector([Uint8Array.of(1, 2), null, Uint8Array.of(3, 4)], new arrow.FixedSizeBinary(2)),
    '"AQI="',
    "null",
    '"AwQ="',
  ],
  day: [
    vector([new Date("2024-02-29"), null, new Date("1969-12-31")], new arrow.DateDay()),
    '"2024-02-29"',
    "null",
    '"1969-12-31"',
  ],
  ms: [
    vector([1, null, -1], new arrow.TimestampMillisecond()),
    '"1970-01-01T00:00:00.001"',
    "null",
    '"1969-12-31T23:59:59.999"',
  ],
  utc: [
    vector([1, null, -1], new arrow.TimestampMillisecond("UTC")),
    '"1970-01-01T00:00:00.001Z"',
    "null",
    '"1969-12-31T23:59:59.999Z"',
  ],
  time: [
    vector([1, null, 86399999], new arrow.TimeMillisecond()),
    '"00:00:00.001"',
    "null",
    '"23:59:59.999"',
  ],
  nanos: [
    vector([1n, null, 86399999999999n], new arrow.TimeNanosecond()),
    '"00:00:00.000000001"',
    "null",
    '"23:59:59.999999999"',
  ],
  nothing: [vector([null, null, null], new arrow.Null()), "null", "null", "null"],
  list: [vector([[1, null], null, []], new arrow.List(INT)), "[1,null]", "null", "[]"],
  pair: [
    vector([[1, 2], null, [3, null]], new arrow.FixedSizeList(2, INT)),
    "[1,2]",
    "null",
    "[3,null]",
  ],
  struct: [
    vector([{ item: 1 }, null, { item: null }], new arrow.Struct([INT])),
    '{"item":1}',
    "null",
    '{"item":null}',
  ],
};

const OPTIONS: Readonly<Record<string, (options: WriterOptions) => WriterOptions>> = {
  plain: (options) => options.setCompression(Compression.UNCOMPRESSED).setDictionaryEnabled(false),
  snappy: (options) => options.setCompression(Compression.SNAPPY),
  gzip: (options) => options.setCompression(Compression.GZIP),
  brotli: (options) => options.setCompression(Compression.BROTLI),
  zstd: (options) => options.setCompression(Compression.ZSTD),
  lz4: (options) => options.setCompression(Compression.LZ4_RAW),
  "a page for each value": (options) =>
    options.setDataPageSizeLimit(1).setWriteBatchSize(1).setDictionaryEnabled(false),
  "a row group for each row": (options) => options.setMaxRowGroupSize(1),
  "version 2": (options) => options.setWriterVersion(WriterVersion.V2),
  "version 2 without dictionaries": (options) =>
    options.setWriterVersion(WriterVersion.V2).setDictionaryEnabled(false)
      .setCompression(Compression.ZSTD),
};

Deno.test("a Parquet file of parquet-wasm keeps every value of every type", async (t) => {
  await using folder = await makeFolder();
  const path = `${folder.path}/t.parquet`;
  const columns = Object.fromEntries(Object.entries(COLUMNS).map(([name, [one]]) => [name, one]));
  const rows = [1, 2, 3].map((row) =>
    `{${Object.entries(COLUMNS).map(([name, json]) => `"${name}":${json[row]}`).join(",")}}`
  );
  for (const [name, configure] of Object.entries(OPTIONS)) {
    await t.step(name, async () => {
      await writeArrow(path, columns, configure);
      assertEquals((await readList(path)).records, rows);
    });
  }
});

Deno.test("texts with common beginnings and lists over several pages are read", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/t.parquet`, numbers = Array.from({ length: 500 }, (_, i) => i);
  const rows = numbers.map((i) => ({
    text: `common/beginning/${i}`,
    list: Array.from({ length: i % 5 }, (_, at) => `value ${at}`),
  }));
  await writeArrow(path, {
    text: vector(rows.map(({ text }) => text), new arrow.Utf8()),
    list: vector(
      rows.map(({ list }) => list),
      new arrow.List(new Field("item", new arrow.Utf8(), true)),
    ),
  }, (options) =>
    options.setWriterVersion(WriterVersion.V2).setDictionaryEnabled(false)
      .setColumnEncoding("text", Encoding.DELTA_BYTE_ARRAY).setWriteBatchSize(3)
      .setDataPageSizeLimit(20).setMaxRowGroupSize(90));
  assertEquals((await readList(path)).records, rows.map((row) => JSON.stringify(row)));
});

Deno.test("geometry of GeoParquet becomes GeoJSON", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/t.parquet`, nan = Number.NaN;
  const point = (x: number, y: number) =>
    new Uint8Array(
      new Uint8Array([1, 1, 0, 0, 0, ...new Uint8Array(new Float64Array([x, y]).buffer)]),
    );
  const geo = {
    version: "1.1.0",
    primary_column: "geom",
    columns: {
      geom: { encoding: "WKB", geometry_types: [], crs: { id: { authority: "EPSG", code: 3857 } } },
      // A system of the writer's own has no code. The digits of WGS 84 are in other codes, too.
      local: { encoding: "WKB", geometry_types: [], crs: { name: "Oslo local" } },
      pulkovo: {
        encoding: "WKB",
        geometry_types: [],
        crs: { id: { authority: "EPSG", code: 28404 } },
      },
      other: { encoding: "point" },
    },
  };
  await writeArrow(path, {
    geom: vector(
      [point(1.5, -2), null, point(nan, nan), point(1, 2).subarray(0, 9)],
      new arrow.Binary(),
    ),
    local: vector([null, null, null, null], new arrow.Binary()),
    pulkovo: vector([null, null, null, null], new arrow.Binary()),
  }, (options) => options.setKeyValueMetadata(new Map([["geo", JSON.stringify(geo)]])));
  const { records, notices } = await readList(path);
  assertEquals(records.slice(0, 3), [
    '{"geom":{"type":"Point","coordinates":[1.5,-2]},"local":null,"pulkovo":null}',
    '{"geom":null,"local":null,"pulkovo":null}',
    '{"geom":{"type":"Point","coordinates":[]},"local":null,"pulkovo":null}',
  ]);
  assertEquals(
    records[3],
    `Cannot read ${path}:4: its geom: its well-known binary ends early`,
  );
  assertEquals(notices, [
    `column geom of ${path} has coordinates of EPSG:3857, not of WGS 84`,
    `column local of ${path} has coordinates of Oslo local, not of WGS 84`,
    `column pulkovo of ${path} has coordinates of EPSG:28404, not of WGS 84`,
  ]);
});

Deno.test("a column without values is read with every codec", async (t) => {
  await using folder = await makeFolder();
  const path = `${folder.path}/t.parquet`;
  const columns = {
    t: arrow.vectorFromArray([null, null], new arrow.Utf8()),
    i: arrow.vectorFromArray([null, null], new arrow.Int32()),
  };
  for (const codec of ["SNAPPY", "GZIP", "BROTLI", "ZSTD", "LZ4_RAW", "LZ4"] as const) {
    for (const version of [WriterVersion.V1, WriterVersion.V2]) {
      for (const hasDictionary of [true, false]) {
        await t.step(`${codec}, version ${version}, dictionary ${hasDictionary}`, async () => {
          await writeArrow(
            path,
            columns,
            (options) =>
              options.setCompression(Compression[codec]).setWriterVersion(version)
                .setDictionaryEnabled(hasDictionary),
          );
          assertEquals((await readList(path)).records, Array(2).fill('{"t":null,"i":null}'));
        });
      }
    }
  }
});
