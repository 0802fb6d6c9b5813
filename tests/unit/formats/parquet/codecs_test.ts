import type { ParquetFooter } from "../../../../lib/deps.ts";
import { loadCodecs } from "../../../../lib/formats/parquet/codecs.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("a block of the older LZ4 is read without frames, also when it looks like a frame", async () => {
  const columns = [{ meta_data: { codec: "LZ4" } }];
  const codecs = await loadCodecs({ row_groups: [{ columns }] } as unknown as ParquetFooter);
  const content = [0, 0, 0, 0, 0, 0, 1, 0], block = Uint8Array.of(8 << 4, ...content);
  const inFrame = Uint8Array.of(0, 0, 0, content.length, 0, 0, 0, block.length, ...block);
  for (const bytes of [block, inFrame]) {
    assertEquals([...codecs!.LZ4!(bytes, content.length)], content);
  }
});
