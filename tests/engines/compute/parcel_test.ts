import { type EventBatch, NO_EVENTS, runHead, successLine } from "../../../lib/event.ts";
import { MAX_PARCEL, openParcel, Parcel } from "../../../lib/engines/compute/parcel.ts";
import { parseEvents } from "../../../lib/visit.ts";
import { assert, assertEquals, assertLess, assertMatch } from "../../assert.ts";

const END = { ended: "now" };

/** What stands in a parcel: events, and the last line. */
async function unpack(bytes: Uint8Array) {
  const parts = await Array.fromAsync(openParcel(bytes));
  const lines = parts.map((part) => new TextDecoder().decode(part));
  const last = lines.pop()!;
  return { events: parseEvents(lines.join("")), last: JSON.parse(last) };
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A run of results, as a worker gives it. */
function run(id: number, results: readonly string[]): EventBatch {
  const text = results.map((result) => result + "\n").join("");
  const head = runHead({ id, count: results.length, bytes: encode(text).length });
  return { ...NO_EVENTS, lines: encode(head + text), succeeded: results.length };
}

/** A text that cannot be made much shorter. */
function noise(length: number): string {
  const bytes = new Uint8Array(length * 3 / 4);
  for (let at = 0; at < bytes.length; at += 65536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65536));
  }
  return JSON.stringify(bytes.toBase64());
}

Deno.test("a parcel brings back what was put in, in order", async () => {
  const parcel = new Parcel();
  const error = { message: "no", type: "Error", class: "error" as const };
  const failure = { id: 4, attempt: 2, type: "failed" as const, ms: 3, error };
  await parcel.add(run(0, ["1", '"zwei €"']));
  const line = encode(successLine(2, 3, 1.5, "[3]") + "\n");
  await parcel.add({ ...NO_EVENTS, lines: line, succeeded: 1 });
  await parcel.add({ ...NO_EVENTS, failures: [{ event: failure, args: encode("4") }] });
  const { events, last } = await unpack(await parcel.close(END));
  assertEquals(events, [
    { id: 0, attempt: 1, type: "succeeded", ms: 0, result: 1 },
    { id: 1, attempt: 1, type: "succeeded", ms: 0, result: "zwei €" },
    { id: 2, attempt: 3, type: "succeeded", ms: 1.5, result: [3] },
    failure,
  ]);
  assertEquals([last, parcel.isFull], [END, false]);
});

Deno.test("a parcel of nothing has its last line", async () => {
  assertEquals(await unpack(await new Parcel().close(END)), { events: [], last: END });
});

Deno.test("a parcel copies what it is given", async () => {
  const parcel = new Parcel(), batch = run(0, ["1"]);
  await parcel.add(batch);
  batch.lines.fill(0);
  assertEquals((await unpack(await parcel.close(END))).events.length, 1);
});

Deno.test("a parcel is never longer than the platform takes, and says that it is full", async () => {
  const parcel = new Parcel();
  let given = 0;
  for (; !parcel.isFull; given += 20) {
    await parcel.add(run(given, Array.from({ length: 20 }, () => noise(10_000))));
    assertLess(given, 1000);
  }
  const bytes = await parcel.close(END);
  assertLess(bytes.length, MAX_PARCEL);
  assert(bytes.length > MAX_PARCEL / 2, `only ${bytes.length} bytes`);
  const { events, last } = await unpack(bytes);
  // What is in it is whole, from the first on.
  assertEquals(events.map(({ id }) => id), events.map((_, i) => i));
  assertLess(events.length, given);
  assertEquals(last, END);
});

Deno.test("a parcel takes a run apart that is longer than a part of it", async () => {
  const parcel = new Parcel(), results = Array.from({ length: 40 }, () => noise(20_000));
  await parcel.add(run(7, results));
  const { events } = await unpack(await parcel.close(END));
  assertEquals(events.map(({ id }) => id), events.map((_, i) => i + 7));
  const found = events.map((event) => "result" in event && JSON.stringify(event.result));
  assertEquals(found.every((result, i) => result === results[i]), true);
});

Deno.test("what can be made short enough fits, however long it is", async () => {
  const parcel = new Parcel(), long = JSON.stringify("ab".repeat(5_000_000));
  await parcel.add(run(0, [long, "1"]));
  const { events } = await unpack(await parcel.close(END));
  assertEquals(events.map(({ type }) => type), ["succeeded", "succeeded"]);
});

Deno.test("an answer that no parcel could hold becomes a failure that says what to do", async (t) => {
  const message = noise(1_600_000);
  const error = { message, type: "Error", class: "error" as const };
  const failed = { id: 0, attempt: 2, type: "failed" as const, ms: 3, error };
  const line = successLine(0, 2, 0, message) + "\n";
  const cases: [string, EventBatch, RegExp][] = [
    ["in a run", run(0, [message, "1"]), /^what it returned has 1600\d+ bytes.*write it to a file/],
    ["a later attempt", { ...NO_EVENTS, lines: encode(line), succeeded: 1 }, /^what it returned/],
    [
      "a failure",
      { ...NO_EVENTS, failures: [{ event: failed, args: encode("1") }] },
      /^what it threw/,
    ],
  ];
  for (const [name, batch, expected] of cases) {
    await t.step(name, async () => {
      const parcel = new Parcel();
      await parcel.add(batch);
      await parcel.add(run(5, ["5"]));
      const { events } = await unpack(await parcel.close(END));
      const [first] = events.filter(({ type }) => type === "failed");
      assert(first?.type === "failed");
      assertMatch(first.error.message, expected);
      assertEquals([first.error.class, events.at(-1)?.id, parcel.isFull], ["error", 5, false]);
    });
  }
});
