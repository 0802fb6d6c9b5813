import { PageMemory } from "../../../../lib/formats/parquet/codecs.ts";
import { canSlice, SnappySlices } from "../../../../lib/formats/parquet/snappy_slices.ts";
import { concatBytes } from "../../../../lib/util/bytes/bytes.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";
import { openDuckDb, readList } from "../../../support/parquet.ts";

// Each column has more than 2 MB in one page, with nulls, nesting and a value of several slices.
const ROWS = `select
  case when i % 7 = 0 then null else i * 7919 end as id,
  i / 3.0 as x,
  case when i % 5 = 1 then null else 'tile-' || (i * 7919 % 1000003) end as name,
  'ä "quoted" ' || md5(i::varchar) || case when i = 77777 then repeat('long', 400000) else '' end as note,
  [i, null, i + 1] as pair,
  i::decimal(38, 2) as amount
  from range(150000) t(i)`;

Deno.test("the values of long pages are those of short ones", async () => {
  await using folder = await makeFolder();
  const file = (name: string) => `${folder.path}/${name}.parquet`;
  using db = await openDuckDb();
  for (const [name, size] of [["short", 8192], ["long", 150_000]] as const) {
    await db.run(`copy (${ROWS}) to '${file(name)}' (format parquet, row_group_size ${size})`);
  }
  const { records } = await readList(file("long")),
    { records: all } = await readList(file("short"));
  assertEquals(records.length, 150_000);
  // A difference would otherwise be shown with all rows.
  assertEquals(records.find((record, i) => record !== all[i]), undefined);
  assertEquals(JSON.parse(records[77_777]!).note.length > 1_600_000, true);
});

// The memory of a page that has ended contains other bytes.
const MEMORY = { input: new PageMemory(), window: new PageMemory() };

/** Returns the arguments with which a page in memory is read. */
const given = (bytes: Uint8Array) => {
  const read = (from: number, target: Uint8Array) =>
    target.set(bytes.subarray(from, from + target.length));
  return [read, bytes.length, MEMORY] as const;
};
const text = (value: string) => new TextEncoder().encode(value);
/** A compressed text: "abcd", then 8 bytes from 4 bytes before, in each form of a copy. */
const page = (...copy: number[]) => Uint8Array.of(12, 3 << 2, ...text("abcd"), ...copy);
const SHORT = page((8 - 4) << 2 | 1, 4), COPY = page(7 << 2 | 2, 4, 0);
const FAR = page(7 << 2 | 3, 4, 0, 0, 0);

Deno.test("SnappySlices unpacks each form of an element", () => {
  for (const bytes of [SHORT, COPY, FAR]) {
    assertEquals(canSlice(...given(bytes)), true);
    const slices = new SnappySlices(...given(bytes));
    assertEquals(slices.read(2), text("ab"));
    assertEquals(slices.more(0), text("cdabcdabcd"));
  }
  for (const size of [60, 61, 256, 257, 70_000, 400_000]) {
    const value = new Uint8Array(size).map((_, i) => i * 31);
    const more = size <= 60 ? 0 : size - 1 < 256 ? 1 : size - 1 < 65_536 ? 2 : 3;
    const head = more === 0 ? [(size - 1) << 2] : [
      (59 + more) << 2,
      ...[0, 8, 16].slice(0, more).map((shift) => (size - 1) >>> shift & 255),
    ];
    const bytes = concatBytes([Uint8Array.of(1, ...head), value]);
    assertEquals(new SnappySlices(...given(bytes)).read(size), value);
  }
});

Deno.test("a page that repeats what is far away is not unpacked in slices", () => {
  assertEquals(canSlice(...given(page(7 << 2 | 3, 1, 0, 1, 0))), false);
});

Deno.test("SnappySlices refuses damaged pages", () => {
  const cases: [page: Uint8Array, message: string][] = [
    [page(7 << 2 | 2, 5, 0), "a page repeats what it has not"],
    [page(7 << 2 | 2, 0, 0), "a page repeats nothing"],
    [COPY.subarray(0, 4), "a page ends early"],
    [SHORT, "a page ends early"],
  ];
  for (const [bytes, message] of cases) {
    assertThrows(() => new SnappySlices(...given(bytes)).read(13), RangeError, message);
  }
});
