import { InFlight } from "../../../../lib/engines/shared/in_flight.ts";
import { ResponseReader } from "../../../../lib/engines/shared/response_reader.ts";
import { parseEvents } from "../../../../lib/journal/scan.ts";
import { TaskBatch } from "../../../../lib/tasks/batch.ts";
import { assertEquals } from "../../../support/assert.ts";

const error = { message: "no tile", type: "Error", class: "error" as const };

Deno.test("ResponseReader.events() reads events, logs and messages, and drops repeated responses", () => {
  const inFlight = new InFlight(), messages: unknown[] = [];
  inFlight.push(TaskBatch.of(new TextEncoder().encode("7\n".repeat(6)), 6, 0));
  const reader = new ResponseReader(inFlight, (message) => messages.push(message));
  const lines = [
    ...['{"id":0,"count":2,"bytes":4}', "1", "2"],
    ...['{"id":0,"count":3,"bytes":6}', "8", "8", "3"],
    '{"id":3,"attempt":2,"result":4}',
    '{"id":1,"result":9}',
    '{"id":77,"result":9}',
    '{"id":4,"attempt":1,"stream":"stdout","text":"said"}',
    JSON.stringify({ id: 4, attempt: 1, type: "failed", ms: 0, error }),
    JSON.stringify({ id: 4, attempt: 1, type: "failed", ms: 0, error }),
    '{"left":3}',
  ];
  reader.host = "h1";
  const batches = reader.events(
    new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")),
  );
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const events = batches.flatMap((batch) => parseEvents(text(batch.lines))) as unknown[];
  assertEquals(events, [
    { id: 0, attempt: 1, type: "succeeded", ms: 0, result: 1 },
    { id: 1, attempt: 1, type: "succeeded", ms: 0, result: 2 },
    { id: 2, attempt: 1, type: "succeeded", ms: 0, result: 3 },
    { id: 3, attempt: 2, type: "succeeded", ms: 0, result: 4 },
  ]);
  assertEquals(batches.map(({ results }) => text(results)).join(""), "1\n2\n3\n4\n");
  const failed = { id: 4, attempt: 1, type: "failed" as const, ms: 0, error, host: "h1" };
  assertEquals(batches.flatMap(({ failures }) => failures.map(({ event }) => event)), [failed]);
  assertEquals(batches.flatMap(({ logs }) => logs.map((log) => log.text)), ["said"]);
  assertEquals(messages, [{ left: 3 }]);
  assertEquals(inFlight.takeAll().map(({ id }) => id), [5]);
});
