/**
 * Parts of Parquet that the programs of these tests do not write. Their files are changed.
 *
 * @module
 */

import { crc32 } from "../../../../lib/util/bytes/crc32.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";
import {
  arrow,
  Compression,
  Encoding,
  openDuckDb,
  readList,
  writeArrow,
  WriterVersion,
} from "../../../support/parquet.ts";

/** Writes the rows of a query without compression. */
async function write(path: string, sql: string): Promise<Uint8Array> {
  using db = await openDuckDb();
  await db.run(`copy (${sql}) to '${path}' (format parquet, compression uncompressed)`);
  return await Deno.readFile(path);
}

/** Replaces each occurrence of bytes in a file by as many others. */
function replaced(file: Uint8Array, from: readonly number[], to: readonly number[]): Uint8Array {
  const copy = file.slice();
  for (let at = 0; at < file.length; at++) {
    if (from.every((byte, i) => file[at + i] === byte)) copy.set(to, at);
  }
  return copy;
}

/** Returns the bytes of an integer in the compact protocol of Thrift. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(32, BigInt(value) << 1n ^ BigInt(value) >> 31n);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

const START = 4, I32 = 0x15, NEXT_STRUCT = 0x1c;

/** Adds a checksum to the first page of a file: the fourth field of its header. */
function withChecksum(file: Uint8Array, change: number): Uint8Array {
  let at = START, size = 0;
  // The type of the page and its two sizes, of which the second one is that in the file.
  for (let field = 0; field < 3; field++) {
    assertEquals(file[at++], I32);
    size = 0;
    for (let shift = 0;; shift += 7) {
      size |= (file[at]! & 127) << shift;
      if (file[at++]! < 128) break;
    }
  }
  // The header of this page ends with the ends of two structs.
  const end = file.findIndex((byte, i) => i > at && byte === 0 && file[i + 1] === 0) + 2;
  const sum = (crc32(file.subarray(end, end + size / 2)) ^ change) | 0;
  return Uint8Array.of(
    ...file.subarray(0, at),
    ...[I32, ...varint(sum), NEXT_STRUCT],
    ...file.subarray(at + 1),
  );
}

Deno.test("the checksum of a page is verified", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/a.parquet`, file = await write(path, "select 258 as i");
  await Deno.writeFile(path, withChecksum(file, 0));
  assertEquals((await readList(path)).records, ['{"i":258}']);
  await Deno.writeFile(path, withChecksum(file, 1));
  const { message } = await assertRejects(() => readList(path), UsageError);
  assertEquals(
    message,
    `Cannot read ${path}: it is damaged near row 1 (the checksum of the page at byte 4 is wrong), ` +
      "make or download it again",
  );
});

Deno.test("a page that is not where the file says is damage", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/a.parquet`, file = await write(path, "select 258 as i, 'x' as t");
  // The second column begins later now.
  await Deno.writeFile(path, withChecksum(file, 0));
  const { message } = await assertRejects(() => readList(path), UsageError);
  assertEquals(
    message,
    `Cannot read ${path}: it is damaged near row 1 (no page is at byte 31), make or download it again`,
  );
});

Deno.test("old timestamps are read with all digits", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/a.parquet`, day = [0x97, 0x8a, 0x25, 0];
  const values = [Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, ...day)];
  const column = arrow.vectorFromArray(values, new arrow.FixedSizeBinary(12));
  await writeArrow(
    path,
    { at: column },
    (options) => options.setCompression(Compression.UNCOMPRESSED).setDictionaryEnabled(false),
  );
  // The footer states the type FIXED_LEN_BYTE_ARRAY with 12 bytes, which becomes INT96.
  const file = replaced(await Deno.readFile(path), [I32, 14, I32, 24], [I32, 6, I32, 24]);
  await Deno.writeFile(path, file);
  assertEquals(await readList(path), {
    records: ['{"at":"2024-01-01T00:00:00.000000001"}'],
    notices: [],
  });
});

Deno.test("a page whose header has a wrong number of nulls is read", async (t) => {
  await using folder = await makeFolder();
  const path = `${folder.path}/a.parquet`;
  const cases: [type: arrow.DataType, encoding: keyof typeof Encoding, values: unknown[]][] = [
    [new arrow.Float64(), "BYTE_STREAM_SPLIT", [1.5, -2.5]],
    [new arrow.Utf8(), "DELTA_BYTE_ARRAY", ["a", "ab"]],
    [new arrow.Utf8(), "DELTA_LENGTH_BYTE_ARRAY", []],
  ];
  for (const [type, encoding, values] of cases) {
    await t.step(`${type} ${JSON.stringify(values)}`, async () => {
      const lists = [values, null, []], list = new arrow.List(arrow.Field.new("item", type, true));
      await writeArrow(
        path,
        { l: arrow.vectorFromArray(lists, list) },
        (options) =>
          options.setWriterVersion(WriterVersion.V2).setCompression(Compression.UNCOMPRESSED)
            .setDictionaryEnabled(false).setEncoding(Encoding[encoding]),
      );
      // The numbers of values, of nulls and of rows.
      const counts = (nulls: number) =>
        [Math.max(values.length, 1) + 2, nulls, 3].flatMap((n) => [I32, ...varint(n)]);
      const nulls = values.length === 0 ? 3 : 2, written = await Deno.readFile(path);
      const file = replaced(written, counts(nulls), counts(0));
      assertEquals(file.some((byte, i) => byte !== written[i]), true);
      await Deno.writeFile(path, file);
      assertEquals((await readList(path)).records, lists.map((l) => JSON.stringify({ l })));
    });
  }
});

Deno.test("a map with a key twice keeps both, and a notice says which one is used", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/a.parquet`;
  const file = await write(path, "select map {'key1': 1, 'key2': 2, 'key3': 3} as m");
  const [one, two] = ["key1", "key2"].map((key) => [...new TextEncoder().encode(key)]);
  await Deno.writeFile(path, replaced(file, two!, one!));
  assertEquals(await readList(path), {
    records: ['{"m":{"key1":1,"key1":2,"key3":3}}'],
    notices: [
      `column m.key_value.key of ${path} has a key twice in one map, whose last value is used ` +
      "(first in row 1)",
    ],
  });
});

Deno.test("a VARIANT is refused before the first task", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/a.parquet`;
  await write(path, "select 1::variant as v, 2 as b");
  const { message } = await assertRejects(() => readList(path), UsageError);
  assertEquals(message, `Cannot read ${path}: its column v is a VARIANT, write it as JSON`);
});
