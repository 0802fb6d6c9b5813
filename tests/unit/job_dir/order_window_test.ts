import { OrderWindow } from "../../../lib/job_dir/order_window.ts";
import { successLine } from "../../../lib/journal/format.ts";
import { Journal } from "../../../lib/journal/writer.ts";
import { enterFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** The result of a task: texts of several lengths, some longer than a buffer of the journal. */
const resultOf = (id: number) => `"${`${id}`.repeat(1 + (id * 977) % 90_000)}"`;

/** Returns the events of tasks: a line for one, a block for several. */
function eventsOf(id: number, count: number): Uint8Array {
  if (count === 1) return encode(`${successLine(id, 1, 0, resultOf(id))}\n`);
  const lines = encode(
    Array.from({ length: count }, (_, i) => `${resultOf(id + i)}\n`).join(""),
  );
  const head = encode(`{"id":${id},"count":${count},"bytes":${lines.length}}\n`);
  return new Uint8Array([...head, ...lines]);
}

Deno.test("OrderWindow reads the results that do not fit into memory from the journal", async (t) => {
  await using _folder = await enterFolder({});
  for (const most of [0, 100_000, 1e9]) {
    await t.step(`${most} bytes in memory`, () => {
      using journal = Journal.create(`${most}.ndjson`, "job");
      const order = new OrderWindow(most);
      order.readBack = (at, buffer) => journal.read(at, buffer);
      for (const [id, count] of [[7, 1], [1, 1], [2, 4], [8, 3], [12, 1]] as const) {
        // The events are a part of a larger buffer, as those of a worker are.
        const buffer = new Uint8Array([1, 2, 3, ...eventsOf(id, count)]).subarray(3);
        order.add(buffer, journal.append(buffer));
        assertEquals(order.take().length, 0);
      }
      order.skip(6);
      order.skip(0);
      const ids = [1, 2, 3, 4, 5, 7, 8, 9, 10];
      assertEquals(decode(order.take()), ids.map((id) => `${resultOf(id)}\n`).join(""));
      assertEquals(order.next, 11);
      assertEquals([...order.rest()].map(decode), [`${resultOf(12)}\n`]);
    });
  }
});

Deno.test("OrderWindow returns many results in pieces", () => {
  const order = new OrderWindow(), result = "x".repeat(1_000_000), lengths: number[] = [];
  for (let id = 1; id < 20; id++) {
    order.add(encode(`${successLine(id, 1, 0, `"${result}"`)}\n`));
  }
  order.skip(0);
  for (let part = order.take(); part.length > 0; part = order.take()) lengths.push(part.length);
  const line = result.length + 3;
  assertEquals(lengths, [...Array(9).fill(2 * line), line]);
});
