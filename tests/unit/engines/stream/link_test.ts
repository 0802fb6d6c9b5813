import { Link } from "../../../../lib/engines/stream/link.ts";
import { encodePacket } from "../../../../lib/engines/stream/packets.ts";
import type { AttachRequest } from "../../../../lib/engines/stream/protocol.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { within } from "../../../../tools/support/until.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";

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

/** Returns a place that says what is given, takes as many writes as are given, and then hangs. */
function hangingPlace(heads: readonly object[], writes: number) {
  const ended = Promise.withResolvers<string>();
  let toServer!: WritableStreamDefaultController, toClient!: ReadableStreamDefaultController;
  const close = () => {
    ended.resolve("");
    toServer.error(new Error("broken pipe"));
    toClient.error(new Error("broken pipe"));
  };
  const readable = new ReadableStream<Uint8Array>({
    start: (controller) => {
      toClient = controller;
      for (const head of heads) controller.enqueue(encodePacket(head));
    },
  });
  const writable = new WritableStream<Uint8Array>({
    start: (controller) => void (toServer = controller),
    write: () => writes-- > 0 ? undefined : ended.promise.then(() => {}),
  });
  const connect = () => Promise.resolve({ readable, writable, ended: ended.promise, close });
  return { name: "h1", connect };
}

Deno.test("Link.drop() leaves no timer behind", { sanitizeOps: true }, async () => {
  const heads = [{ ready: "2", cpus: 1 }, { tasks: 0, events: 0, isNew: true }, { dropped: "/" }];
  const request = { spool: "job" } as AttachRequest, { signal } = new AbortController();
  using link = await Link.open(hangingPlace(heads, 9), () => ({ request, sources: {} }), signal);
  await link.drop();
});

Deno.test("Link ends a connection that takes no more bytes, or sends none", async (t) => {
  const ready = { ready: "2", cpus: 1 }, needs = { needs: ["file"] };
  const cases: Readonly<Record<string, readonly [object[], number, string]>> = {
    "in a file": [[ready, needs], 2, "it took no bytes for"],
    "in the request": [[ready], 0, "it took no bytes for"],
    "before the greeting": [[], 9, "it did not answer for"],
    "after the request": [[ready], 9, "it did not answer for"],
  };
  await using folder = await makeFolder({ file: "x".repeat(300_000) });
  const request = { spool: "job" } as AttachRequest, { signal } = new AbortController();
  const make = () => ({ request, sources: { file: `${folder.path}/file` } });
  for (const [name, [heads, writes, words]] of Object.entries(cases)) {
    await t.step(name, async () => {
      const opening = Link.open(hangingPlace(heads, writes), make, signal, 300);
      await assertRejects(() => within(opening, "the end", 30_000), Error, words);
    });
  }
});

Deno.test("Link adds the way out to the words of a host that cannot begin", async () => {
  const place = {
    ...hangingPlace([{ ready: "2", cpus: 1 }, { failed: "No space left on device" }], 9),
    advice: "set another folder",
  };
  const request = { spool: "job" } as AttachRequest;
  const { signal } = new AbortController();
  await assertRejects(
    () => Link.open(place, () => ({ request, sources: {} }), signal),
    Error,
    "No space left on device, set another folder",
  );
});
