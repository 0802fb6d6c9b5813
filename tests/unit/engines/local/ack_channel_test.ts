import { AckChannel } from "../../../../lib/engines/local/ack_channel.ts";
import { within } from "../../../../tools/support/until.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";

Deno.test("AckChannel yields the values in the order they were sent", async () => {
  const channel = new AckChannel<number>();
  const sent = Promise.all([1, 2, 3].map((value) => channel.send(value)));
  sent.then(() => channel.end());
  assertEquals(await within(Array.fromAsync(channel), "all of it"), [1, 2, 3]);
  await sent;
});

Deno.test("AckChannel lets a sender wait until the reader is done", async () => {
  const channel = new AckChannel<string>();
  const steps: string[] = [];
  const send = async () => {
    for (const value of ["a", "b"]) {
      steps.push(`send ${value}`);
      await channel.send(value);
    }
    channel.end();
  };
  const sent = send();
  for await (const value of channel) {
    steps.push(`take ${value}`);
    await new Promise((resolve) => setTimeout(resolve));
    steps.push(`done with ${value}`);
  }
  await sent;
  assertEquals(steps, ["send a", "take a", "done with a", "send b", "take b", "done with b"]);
});

Deno.test("AckChannel ends with an error after the values that were sent", async () => {
  const channel = new AckChannel<number>();
  channel.send(1);
  channel.end({ error: new RangeError("broken") });
  const taken: number[] = [];
  const take = async () => {
    for await (const value of channel) taken.push(value);
  };
  assertEquals((await assertRejects(take, RangeError)).message, "broken");
  assertEquals(taken, [1]);
});

Deno.test("AckChannel lets no sender wait for a reader that has stopped", async () => {
  const channel = new AckChannel<number>();
  const sent = Promise.all([1, 2].map((value) => channel.send(value)));
  for await (const _ of channel) break;
  await within(sent, "the senders");
  await within(channel.closed, "the channel is closed");
  await within(channel.send(3), "a later sender");
});
