import { Handover } from "../../../../lib/engines/local/ack_channel.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";
import { within } from "../../../../tools/support/until.ts";

Deno.test("Handover gives one thing after the other, in the order given", async () => {
  const handover = new Handover<number>();
  const given = Promise.all([1, 2, 3].map((value) => handover.give(value)));
  given.then(() => handover.end());
  assertEquals(await within(Array.fromAsync(handover), "all of it"), [1, 2, 3]);
  await given;
});

Deno.test("Handover lets who gives wait until the taker is done", async () => {
  const handover = new Handover<string>();
  const said: string[] = [];
  const giving = async () => {
    for (const value of ["a", "b"]) {
      said.push(`give ${value}`);
      await handover.give(value);
    }
    handover.end();
  };
  const given = giving();
  for await (const value of handover) {
    said.push(`take ${value}`);
    await new Promise((resolve) => setTimeout(resolve));
    said.push(`done with ${value}`);
  }
  await given;
  assertEquals(said, ["give a", "take a", "done with a", "give b", "take b", "done with b"]);
});

Deno.test("Handover ends with an error behind what was given", async () => {
  const handover = new Handover<number>();
  handover.give(1);
  handover.end({ error: new RangeError("broken") });
  const taken: number[] = [];
  const take = async () => {
    for await (const value of handover) taken.push(value);
  };
  assertEquals((await assertRejects(take, RangeError)).message, "broken");
  assertEquals(taken, [1]);
});

Deno.test("Handover lets nobody wait for a taker that has left", async () => {
  const handover = new Handover<number>();
  const given = Promise.all([1, 2].map((value) => handover.give(value)));
  for await (const _ of handover) break;
  await within(given, "those who gave");
  await within(handover.left, "the taker has left");
  await within(handover.give(3), "who gives later");
});
