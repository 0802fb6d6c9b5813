import { readDoubleBuffered } from "../../../../lib/engines/local/double_buffer.ts";
import { within } from "../../../../tools/support/until.ts";
import { assertEquals } from "../../../support/assert.ts";

const NEWLINE = 10;

/** A stream of bytes in pieces of a size. */
function streamOf(text: string, size: number): Pick<Deno.Conn, "read"> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return {
    read(buffer) {
      const piece = bytes.subarray(at, at + Math.min(size, buffer.length));
      buffer.set(piece);
      at += piece.length;
      return Promise.resolve(piece.length === 0 ? null : piece.length);
    },
  };
}

Deno.test("readDoubleBuffered() delivers whole pieces, each before the next is parsed", async (t) => {
  const lines = Array.from({ length: 60 }, (_, i) => `${i}`.repeat(1 + i * 17 % 4000));
  const text = lines.join("\n") + "\nthe rest";
  for (const size of [300, 1000, 65536, 10_000_000]) {
    await t.step(`${size} bytes at a time`, async () => {
      const delivered: string[] = [];
      let isDelivering = false;
      const rest = await within(
        readDoubleBuffered(streamOf(text, size), {
          parse(bytes) {
            assertEquals(isDelivering, false);
            const used = bytes.lastIndexOf(NEWLINE) + 1;
            return { used, found: bytes.subarray(0, used) };
          },
          async deliver({ found }) {
            isDelivering = true;
            await new Promise((resolve) => setTimeout(resolve));
            // The next read must not change the bytes.
            delivered.push(new TextDecoder().decode(found));
            isDelivering = false;
          },
        }),
        "the end of the stream",
      );
      assertEquals(new TextDecoder().decode(rest), "the rest");
      assertEquals(delivered.join("") === lines.join("\n") + "\n", true);
    });
  }
});

Deno.test("readDoubleBuffered() grows its buffers for a long piece", async () => {
  const line = "x".repeat(3_000_000), found: number[] = [];
  const rest = await readDoubleBuffered(streamOf(`${line}\n`, 100_000), {
    parse: (bytes) => ({ used: bytes.indexOf(NEWLINE) + 1 }),
    deliver: ({ used }) => Promise.resolve(void found.push(used)),
  });
  assertEquals([rest.length, found.filter((used) => used > 0)], [0, [line.length + 1]]);
});

Deno.test("readDoubleBuffered() reads a piece of a known length into one buffer", async () => {
  const line = "x".repeat(3_000_000), buffers = new Set<ArrayBufferLike>();
  await readDoubleBuffered(streamOf(`${line}\n`, 100_000), {
    parse(bytes) {
      buffers.add(bytes.buffer);
      const used = bytes.indexOf(NEWLINE) + 1;
      return { used, wanted: used === 0 ? line.length + 1 : 0 };
    },
    deliver: () => Promise.resolve(),
  });
  assertEquals(buffers.size, 2);
});
