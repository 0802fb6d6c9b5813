import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";
import { loadParquetWriter } from "../../../../lib/deps.ts";
import { readFooter } from "../../../../lib/formats/parquet/footer.ts";
import { RandomFile } from "../../../../lib/formats/random_file.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { openDuckDb, readList } from "../../../support/parquet.ts";

const text = (value: string) => new TextEncoder().encode(value);

/** Returns bytes with others at an offset, which counts from the end when it is negative. */
function patched(bytes: Uint8Array, offset: number, change: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy.set(change, offset < 0 ? copy.length + offset : offset);
  return copy;
}

const DAMAGED: Readonly<Record<string, readonly [(file: Uint8Array) => Uint8Array, string]>> = {
  "cut in the middle": [
    (file) => file.subarray(0, file.length / 2),
    ": it ends early, without a footer, make or download it again",
  ],
  "without its end": [
    (file) => file.subarray(0, -1),
    ": it ends early, without a footer, make or download it again",
  ],
  "only its start": [
    (file) => file.subarray(0, 4),
    ": it ends early, without a footer, make or download it again",
  ],
  "empty": [
    () => new Uint8Array(0),
    ": it is not Parquet, because it does not start with PAR1, make or download it again",
  ],
  "without its beginning": [
    (file) => patched(file.slice(500), 0, text("PAR1")),
    ": its column long is not where its footer says, make or download it again",
  ],
  "an encrypted footer": [
    (file) => patched(file, -4, text("PARE")),
    ": it is encrypted, write it without encryption",
  ],
  "an encrypted file": [
    (file) => patched(file, 0, text("PARE")),
    " as parquet: it looks like an encrypted Parquet file, write it without encryption",
  ],
  "a footer of another length": [
    (file) => patched(file, -8, Uint8Array.of(255, 255, 255, 255)),
    ": its footer is damaged (parquet metadata length 4294967295 exceeds available buffer ",
  ],
  "CSV": [
    () => text("a,b\n1,2\n"),
    " as parquet: it looks like a CSV file (line 1: a,b), pass --input csv to read it",
  ],
  "ndjson": [
    () => text('{"a":1}\n{"a":2}\n'),
    ' as parquet: it looks like ndjson (line 1: {"a":1}), pass --input ndjson to read it',
  ],
  "a page of a server": [
    () => text("<html>404</html>"),
    " as parquet: it looks like an HTML page (line 1: <html>404</html>), " +
    "if it is the error of a server, check its address",
  ],
};

Deno.test("a file that is not valid Parquet is refused with the reason", async (t) => {
  await using folder = await makeFolder();
  using db = await openDuckDb();
  const path = `${folder.path}/t.parquet`;
  await db.run(`copy (select 1 as id, string_agg(hash(i)::varchar) as long from range(200) r(i))
    to '${path}' (format parquet, compression uncompressed)`);
  const file = await Deno.readFile(path);
  for (const [name, [damage, reason]] of Object.entries(DAMAGED)) {
    await t.step(name, async () => {
      await Deno.writeFile(path, damage(file));
      const { message } = await assertRejects(() => readList(path), UsageError);
      assertEquals(
        message.slice(0, `Cannot read ${path}${reason}`.length),
        `Cannot read ${path}${reason}`,
      );
    });
  }
});

Deno.test("a damaged page stops the list near its row", async () => {
  await using folder = await makeFolder();
  using db = await openDuckDb();
  const path = `${folder.path}/t.parquet`;
  await db.run(`copy (select i as id from range(4096) r(i))
    to '${path}' (format parquet, row_group_size 2048, compression snappy)`);
  const offsets = await db.runAndReadAll(
    `select data_page_offset::int from parquet_metadata('${path}')`,
  );
  const second = Number(offsets.getRows()[1]![0]);
  await Deno.writeFile(
    path,
    patched(await Deno.readFile(path), second + 40, new Uint8Array(60).fill(255)),
  );
  const { message } = await assertRejects(() => readList(path), Error);
  const start = `Cannot read ${path}: it is damaged near row 2049 (`;
  assertEquals(message.slice(0, start.length), start);
});

Deno.test("columns with one name are refused, because one would replace the other", async () => {
  await using folder = await makeFolder();
  const { parquetWriteBuffer } = await loadParquetWriter();
  const columnData = [{ name: "a", data: [1] }, { name: "b", data: [2] }, { name: "a", data: [3] }];
  const path = `${folder.path}/t.parquet`;
  await Deno.writeFile(path, new Uint8Array(parquetWriteBuffer({ columnData })));
  const { message } = await assertRejects(() => readList(path), UsageError);
  assertEquals(
    message,
    `Cannot read ${path}: two of its columns have the name a, rename one of them`,
  );
});

Deno.test("a byte order mark at the start of a name is part of the name", async () => {
  await using folder = await makeFolder();
  const { parquetWriteBuffer } = await loadParquetWriter();
  const columnData = [{ name: "\ufeffid", data: [1] }, { name: "id", data: [2] }];
  const path = `${folder.path}/t.parquet`;
  await Deno.writeFile(path, new Uint8Array(parquetWriteBuffer({ columnData })));
  assertEquals((await readList(path)).records, ['{"\ufeffid":1,"id":2}']);
});

Deno.test("readFooter() reads each byte of the footer once", async () => {
  await using folder = await makeFolder();
  const { parquetWriteBuffer } = await loadParquetWriter();
  const columnData = [{ name: "\ufeffid", data: [1] }];
  const path = `${folder.path}/t.parquet`;
  await Deno.writeFile(path, new Uint8Array(parquetWriteBuffer({ columnData })));
  const reads: [start: number, end: number][] = [];
  class CountingFile extends RandomFile {
    override read(...[start, end]: Parameters<RandomFile["read"]>): Uint8Array<ArrayBuffer> {
      reads.push([start, end]);
      return super.read(start, end);
    }
  }
  using file = new CountingFile(await Deno.open(path));
  const { footer } = await readFooter(file, path);
  const at = file.size - 8 - footer.metadata_length;
  assertEquals(reads.filter(([start, end]) => start <= at && end > at).length, 1);
});
