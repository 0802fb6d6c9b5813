import type { TaskFrame } from "../../../lib/worker/channel.ts";
import { ProtocolError } from "../../../lib/worker/frame.ts";
import { ReadAhead } from "../../../lib/worker/read_ahead.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";

/** A channel that returns frames in the same memory, and then ends or fails. */
function channelOf(texts: readonly string[], error?: Error) {
  const lines = new Uint8Array(2);
  let at = 0;
  const next = (): Promise<TaskFrame | undefined> => {
    const text = texts[at++];
    if (text === undefined) return error ? Promise.reject(error) : Promise.resolve(undefined);
    new TextEncoder().encodeInto(`${text}\n`, lines);
    return Promise.resolve({ id: at - 1, attempt: 1, count: 1, lines });
  };
  return { next, read: () => at };
}

const textOf = (frame: TaskFrame | undefined) =>
  frame && new TextDecoder().decode(frame.lines).trim();

Deno.test("ReadAhead reads all frames before they are requested, and copies them", async () => {
  const channel = channelOf(["1", "2", "3"]);
  const frames = new ReadAhead(channel);
  assertEquals(textOf(await frames.next()), "1");
  // The pending reads of this channel need some turns.
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  assertEquals(channel.read(), 4);
  assertEquals([textOf(await frames.next()), textOf(await frames.next())], ["2", "3"]);
  assertEquals(await frames.next(), undefined);
});

Deno.test("ReadAhead throws the error of the channel after the tasks before it", async () => {
  const frames = new ReadAhead(channelOf(["1"], new ProtocolError("damaged")));
  assertEquals(textOf(await frames.next()), "1");
  await assertRejects(() => frames.next(), ProtocolError, "damaged");
});

Deno.test("ReadAhead drops the remaining tasks when the run is canceled", async () => {
  const frames = new ReadAhead(channelOf(["1", "2", "3"]));
  assertEquals(textOf(await frames.next()), "1");
  frames.quit();
  assertEquals(await frames.next(), undefined);
});
