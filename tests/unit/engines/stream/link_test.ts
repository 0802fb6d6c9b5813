import { Link } from "../../../../lib/engines/stream/link.ts";
import { encodePacket } from "../../../../lib/engines/stream/packets.ts";
import type { AttachRequest } from "../../../../lib/engines/stream/protocol.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("Link leaves nothing in the signal of its run, which outlives many connections", async () => {
  const run = new AbortController();
  let closed = 0;
  const place = {
    name: "h1",
    connect: () =>
      Promise.resolve({
        readable: ReadableStream.from([
          encodePacket({ ready: "2", cpus: 1 }),
          encodePacket({ tasks: 0, events: 0, isNew: true }),
        ]),
        writable: new WritableStream<Uint8Array>(),
        ended: Promise.resolve(""),
        close: () => void closed++,
      }),
  };
  const request = { spool: "job" } as AttachRequest;
  {
    using link = await Link.open(place, () => ({ request, sources: {} }), run.signal);
    assertEquals(link.hello.isNew, true);
  }
  run.abort();
  assertEquals(closed, 1);
});
