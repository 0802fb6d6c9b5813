import { InFlight } from "../../../../lib/engines/shared/in_flight.ts";
import { ResponseReader } from "../../../../lib/engines/shared/response_reader.ts";
import type { EventBatch } from "../../../../lib/journal/format.ts";
import { parseEvents } from "../../../../lib/journal/scan.ts";
import { TaskBatch } from "../../../../lib/tasks/batch.ts";
import type { WorkerMessage } from "../../../../lib/worker/protocol.ts";
import { assertEquals } from "../../../support/assert.ts";

const RS = "\x1e";

/** Returns a block of results, starting at a task. */
function results(id: number, ...values: readonly unknown[]): string {
  const body = values.map((value) => `${JSON.stringify(value)}\n`).join("");
  return `${RS}{"id":${id},"count":${values.length},"bytes":${body.length}}\n${body}${RS}\n`;
}

/** Returns a block of other lines. */
function lines(...values: readonly unknown[]): string {
  const body = values.map((value) => `${JSON.stringify(value)}\n`).join("");
  return `${RS}{"bytes":${body.length}}\n${body}${RS}\n`;
}

/** The events, logs and messages that a reader found. */
class Found {
  readonly results: (readonly [id: number, result: unknown])[] = [];
  readonly failures: unknown[] = [];
  readonly logs: string[] = [];
  readonly messages: WorkerMessage[] = [];
  inFlight = new InFlight();
  reader = new ResponseReader(this.inFlight, (message) => this.messages.push(message));

  constructor(count: number) {
    const bytes = new TextEncoder().encode("7\n".repeat(count));
    this.inFlight.push(TaskBatch.of(bytes, count, 0));
  }

  add(batches: readonly EventBatch[]): void {
    for (const batch of batches) {
      const events = parseEvents(new TextDecoder().decode(batch.lines));
      assertEquals(events.length, batch.succeeded);
      const texts = new TextDecoder().decode(batch.results).split("\n").slice(0, -1);
      assertEquals(texts.length, batch.succeeded);
      for (const [i, event] of events.entries()) {
        this.results.push([event.id, JSON.parse(texts[i]!)]);
      }
      for (const { event, args } of batch.failures) {
        this.failures.push([event.id, event.error.message, new TextDecoder().decode(args)]);
      }
      for (const { id, stream, text } of batch.logs) this.logs.push(`${id} ${stream} ${text}`);
    }
  }
}

/** Reads a text in pieces of a size, as they arrive through a pipe. */
function read(text: string, size: number, count = 6): Found {
  const found = new Found(count), bytes = new TextEncoder().encode(text);
  let rest = new Uint8Array(0);
  for (let at = 0; at < bytes.length; at += size) {
    const piece = Uint8Array.from([...rest, ...bytes.subarray(at, at + size)]);
    const { used, batches } = found.reader.read(piece);
    found.add(batches);
    rest = piece.slice(used);
  }
  found.add(found.reader.end(rest));
  return found;
}

Deno.test("ResponseReader reads blocks, however they are cut", () => {
  const error = { message: "no tile", type: "Error", class: "error" };
  const text = lines({ idle: 0 }) + results(0, 1, "zwei", { a: [3] }) +
    lines(
      { id: 3, attempt: 1, stream: "stdout", text: "said\n" },
      { id: 3, result: 9 },
      { id: 4, attempt: 1, type: "failed", ms: 0, error },
    ) + results(5, null) + lines({ idle: 6 });
  for (const size of [1, 2, 3, 7, 20, 64, 10_000]) {
    const found = read(text, size);
    assertEquals(found.results, [[0, 1], [1, "zwei"], [2, { a: [3] }], [3, 9], [5, null]]);
    assertEquals(found.failures, [[4, "no tile", "7"]]);
    assertEquals(found.logs.join(""), "3 stdout said\n");
    assertEquals(found.messages, [{ idle: 0 }, { idle: 6 }]);
    assertEquals(found.inFlight.count, 0);
  }
});

Deno.test("ResponseReader drops a response to a task that is not in flight", () => {
  const text = results(0, 1, 2) + results(0, 8, 8, 3) +
    lines({ id: 1, result: 9 }, { id: 77, result: 9 });
  const found = read(text, 10_000);
  assertEquals(found.results, [[0, 1], [1, 2], [2, 3]]);
  assertEquals(found.inFlight.takeAll().map(({ id }) => id), [3, 4, 5]);
});

Deno.test("ResponseReader reads bytes outside of blocks as output of the first task", () => {
  const found = read(`hello ${results(0, 1)}bye\n${results(1, 2)}end`, 10_000);
  assertEquals(found.results, [[0, 1], [1, 2]]);
  assertEquals(found.logs, ["0 stdout hello ", "1 stdout bye\n", "2 stdout end"]);
});

Deno.test("ResponseReader accepts no response from a torn block", async (t) => {
  const whole = results(0, 1, 2, 3);
  const middle = whole.indexOf("\n") + 3;
  const cases: [name: string, torn: string][] = [
    ["text in its body", whole.slice(0, middle) + "noise\n" + whole.slice(middle)],
    ["text in its head", whole.slice(0, 5) + "noise\n" + whole.slice(5)],
    [
      "a forged line in its body",
      whole.slice(0, middle) + `{"id":2,"result":0}\n` + whole.slice(middle),
    ],
    ["an RS before text", `${RS}noise\n`],
    ["a second RS in its head", whole.slice(0, 5) + RS + "noise\n" + whole.slice(5)],
    ["nothing but an RS and a newline", `${RS}\n`],
  ];
  for (const [name, torn] of cases) {
    await t.step(name, () => {
      const found = read(torn + results(3, 4) + lines({ idle: 4 }), 10_000);
      assertEquals(found.results.filter(([id]) => id < 3), []);
      assertEquals(found.results, [[3, 4]], "the next block is read");
      assertEquals(found.messages, [{ idle: 4 }]);
      assertEquals(found.inFlight.takeAll().map(({ id }) => id), [0, 1, 2, 4, 5]);
    });
  }
});

Deno.test("ResponseReader drops a block that is cut off by the stream's end", () => {
  const whole = results(0, 1, 2, 3);
  for (let length = 1; length < whole.length; length++) {
    const found = read(whole.slice(0, length), 5);
    assertEquals([found.results, found.logs], [[], []], `${length} bytes`);
    assertEquals(found.inFlight.count, 6);
  }
});

Deno.test("ResponseReader.events() reads the same events without blocks around them", () => {
  const found = new Found(3);
  const text = '{"id":0,"count":2,"bytes":4}\n1\n2\n{"id":2,"attempt":2,"result":3}\n{"idle":3}\n';
  found.add(found.reader.events(new TextEncoder().encode(text)));
  assertEquals(found.results, [[0, 1], [1, 2], [2, 3]]);
  assertEquals(found.messages, [{ idle: 3 }]);
});
