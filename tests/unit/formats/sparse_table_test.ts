/**
 * Tables that would be almost empty.
 *
 * @module
 */

import type { OutputRow, OutputSource, TextWriter } from "../../../lib/formats/output.ts";
import { writeCsv, writeTsv } from "../../../lib/formats/csv/write_csv.ts";
import { writeParquet } from "../../../lib/formats/parquet/write_parquet.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";

/** Results that each have a key of their own. */
function sourceOf(count: number, name: string): OutputSource {
  const result = (id: number) => `{"k${id}":${id}}`;
  const batch: OutputRow[] = Array.from({ length: count }, (_, id) => ({ id, result: result(id) }));
  return { name, rows: () => ReadableStream.from([batch]) };
}

const MESSAGE = (name: string) =>
  `Cannot write ${name}: its table would have 10001 columns and 10001 rows, and less than 1% of ` +
  "the cells would have a value, use the same keys in all results, or write .ndjson or .json";

Deno.test("writers of tables refuse one that is large and almost empty", async (t) => {
  const text = (write: TextWriter) => async (source: OutputSource) => {
    for await (const part of write(source, {})) throw new Error(part.slice(0, 80));
  };
  await using folder = await makeFolder({ "x.parquet": "" });
  const path = `${folder.path}/x.parquet`;
  const cases = {
    "x.csv": text(writeCsv),
    "x.tsv": text(writeTsv),
    "x.parquet": (source: OutputSource) => writeParquet(source, {}, path),
  };
  for (const [name, write] of Object.entries(cases)) {
    await t.step(name, async () => {
      await assertRejects(() => write(sourceOf(10_001, name)), UsageError, MESSAGE(name));
    });
  }
});

Deno.test("writeCsv() writes a batch with many empty cells in small parts", async () => {
  let length = 0, most = 0;
  for await (const part of writeCsv(sourceOf(2000, "x.csv"), {})) {
    length += part.length;
    most = Math.max(most, part.length);
  }
  assertEquals([length > 4_000_000, most < 300_000], [true, true]);
});
