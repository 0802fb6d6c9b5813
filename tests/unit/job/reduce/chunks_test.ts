import type { OutputRow } from "../../../../lib/formats/output.ts";
import { chunksOf } from "../../../../lib/job/reduce/chunks.ts";
import { assertEquals } from "../../../support/assert.ts";

const ROWS: readonly OutputRow[] = [0, 1, 2, 5].map((id) => ({
  id,
  result: `"${"a".repeat(30_000)}"`,
  args: `${id}`,
}));

async function chunks(batches: readonly (readonly OutputRow[])[], boundary: number) {
  const all = await Array.fromAsync(chunksOf(ReadableStream.from(batches), boundary));
  return all.map(({ from, to, sum, rows }) => ({ from, to, sum, ids: rows.map(idOf) }));
}

function idOf(row: string): number {
  return (JSON.parse(row) as number[])[0]!;
}

Deno.test("chunksOf() ends a chunk by its size and at the boundary, with the same checksums", async () => {
  const whole = await chunks([ROWS], 0);
  const sums = new Map(whole.map(({ to, sum }) => [to, sum]));
  assertEquals(whole, [
    { from: 0, to: 3, sum: sums.get(3)!, ids: [0, 1, 2] },
    { from: 3, to: 4, sum: sums.get(4)!, ids: [5] },
  ]);
  const cut = await chunks([ROWS.slice(0, 1), [], ROWS.slice(1)], 2);
  assertEquals(cut, [
    { from: 0, to: 2, sum: cut[0]!.sum, ids: [0, 1] },
    { from: 2, to: 4, sum: sums.get(4)!, ids: [2, 5] },
  ]);
  assertEquals(await chunks([], 0), []);
});
