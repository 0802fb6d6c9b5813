import {
  MAX_ARCHIVE,
  openArchive,
  ResultArchive,
} from "../../../../lib/engines/compute/result_archive.ts";
import {
  blockHead,
  type EventBatch,
  NO_EVENTS,
  parseEvent,
  successLine,
  type TaskEvent,
} from "../../../../lib/journal/format.ts";
import { parseEvents } from "../../../../lib/journal/scan.ts";
import { assert, assertEquals, assertLess } from "../../../support/assert.ts";
import { decode, encode, failureOf, noise, noWarning } from "./_batches.ts";

const END = { ended: "2026-05-04T11:02:07Z" };

/** Returns a result block, as an engine yields it. */
function runOf(id: number, results: readonly unknown[]): EventBatch {
  const lines = results.map((result) => `${JSON.stringify(result)}\n`).join("");
  const head = blockHead({ id, count: results.length, bytes: encode(lines).length });
  return { ...NO_EVENTS, lines: encode(head + lines), succeeded: results.length };
}

/** Returns successes with a line each. */
function linesOf(attempt: number, results: readonly (readonly [number, unknown])[]): EventBatch {
  const text = results.map(([id, result]) =>
    `${successLine(id, attempt, 0, JSON.stringify(result))}\n`
  );
  return { ...NO_EVENTS, lines: encode(text.join("")), succeeded: results.length };
}

/** Returns the events of an archive, and its last line. */
async function unpack(bytes: Uint8Array): Promise<{ events: TaskEvent[]; last: unknown }> {
  const parts = await Array.fromAsync(openArchive(bytes), decode);
  return { events: parseEvents(parts.slice(0, -1).join("")), last: JSON.parse(parts.at(-1)!) };
}

/** Returns the content of an archive of some batches. */
async function carry(batches: readonly EventBatch[]) {
  const archive = new ResultArchive(noWarning);
  for (const batch of batches) await archive.add(batch);
  const bytes = await archive.close(END);
  const isFull = archive.isFull;
  return { size: bytes.length, isFull, ...await unpack(bytes) };
}

const succeeded = (id: number, result: unknown, attempt = 1): TaskEvent => ({
  ...{ id, attempt, type: "succeeded", ms: 0, result },
});

Deno.test("ResultArchive returns the events that were added, and its last line", async (t) => {
  const failed = (id: number) => failureOf(id, "no").failures[0]!.event;
  const cases: [name: string, batches: EventBatch[], expected: TaskEvent[]][] = [
    ["nothing", [], []],
    ["nothing that counts", [NO_EVENTS], []],
    ["a run", [runOf(3, ["ü", 2])], [succeeded(3, "ü"), succeeded(4, 2)]],
    ["later attempts", [linesOf(2, [[7, null], [1, "a"]])], [
      succeeded(7, null, 2),
      succeeded(1, "a", 2),
    ]],
    ["failures", [failureOf(5, "no"), failureOf(2, "no")], [failed(5), failed(2)]],
    ["all of them", [runOf(0, [1]), failureOf(1, "no"), linesOf(3, [[2, 2]])], [
      succeeded(0, 1),
      failed(1),
      succeeded(2, 2, 3),
    ]],
  ];
  for (const [name, batches, expected] of cases) {
    await t.step(name, async () => {
      const { events, last, isFull } = await carry(batches);
      assertEquals([events, last, isFull], [expected, END, false]);
    });
  }
});

Deno.test("ResultArchive keeps its own copy of a batch", async () => {
  const archive = new ResultArchive(noWarning), batch = runOf(0, [1, 2]);
  await archive.add(batch);
  batch.lines.fill(0);
  const { events } = await unpack(await archive.close(END));
  assertEquals(events, [succeeded(0, 1), succeeded(1, 2)]);
});

Deno.test("ResultArchive accepts a result block that is longer than one part", async () => {
  const results = Array.from({ length: 60_000 }, (_, i) => `result ${i}`);
  const { events, isFull } = await carry([runOf(10, results)]);
  assert(!isFull);
  assertEquals(events.map(({ id }) => id), results.map((_, i) => 10 + i));
  assertEquals((events as { result?: unknown }[]).map(({ result }) => result), results);
});

Deno.test("ResultArchive stays below the limit of the platform, and contains whole events only", async (t) => {
  const cases: [name: string, bytes: number, count: number][] = [
    ["short ones", 100, 20_000],
    ["longer ones", 30_000, 60],
    ["very long ones", 400_000, 5],
    ["two that fit nearly", 373_000, 2],
  ];
  for (const [name, bytes, count] of cases) {
    await t.step(name, async () => {
      const results = Array.from({ length: count }, () => noise(bytes));
      const step = Math.max(1, Math.round(count / 20));
      const batches = Array.from(
        { length: Math.ceil(count / step) },
        (_, i) => runOf(i * step, results.slice(i * step, (i + 1) * step)),
      );
      const { events, last, size, isFull } = await carry(batches);
      assertLess(size, MAX_ARCHIVE + 1);
      assertEquals(last, END);
      assertEquals(isFull, events.length < count, "full only where something is missing");
      assertEquals(events, results.slice(0, events.length).map((one, id) => succeeded(id, one)));
      assert(events.length > 0);
    });
  }
});

Deno.test("ResultArchive fails a task whose event is too long, with the way out", async (t) => {
  const long = noise(1_000_000);
  const messageOf = (what: string, length: number) =>
    `${what} has ${length} bytes, and exceeds the platform's limit for a result, ` +
    `${MAX_ARCHIVE} bytes when compressed: write it to a file and return the address of the file`;
  const tooLong = (id: number, attempt: number, message: string): TaskEvent => ({
    ...{ id, attempt, type: "failed", ms: 0 },
    error: { message, type: "TooLong", class: "error" },
  });
  const lengthOf = (line: string) => encode(`${line}\n`).length;
  const result = JSON.stringify(long);
  const cases: [name: string, batches: EventBatch[], expected: TaskEvent[]][] = [
    ["alone", [runOf(4, [long])], [
      tooLong(4, 1, messageOf("its return value", lengthOf(successLine(4, 1, 0, result)))),
    ]],
    ["among others", [runOf(4, [1, long, 2])], [
      succeeded(4, 1),
      tooLong(5, 1, messageOf("its return value", lengthOf(successLine(5, 1, 0, result)))),
      succeeded(6, 2),
    ]],
    ["at the end", [runOf(4, [1, long])], [
      succeeded(4, 1),
      tooLong(5, 1, messageOf("its return value", lengthOf(successLine(5, 1, 0, result)))),
    ]],
    ["at a later attempt", [linesOf(2, [[4, long]]), runOf(5, [1])], [
      tooLong(4, 2, messageOf("its return value", lengthOf(successLine(4, 2, 0, result)))),
      succeeded(5, 1),
    ]],
  ];
  for (const [name, batches, expected] of cases) {
    await t.step(name, async () => {
      const { events, last, isFull } = await carry(batches);
      assertEquals([events, last, isFull], [expected, END, false]);
    });
  }
  await t.step("its error", async () => {
    const { events: [event] } = await carry([failureOf(4, long), runOf(5, [1])]);
    const text = JSON.stringify(failureOf(4, long).failures[0]!.event);
    assertEquals(event, tooLong(4, 1, messageOf("its error", lengthOf(text))));
    assertEquals(parseEvent(text).type, "failed");
  });
});
