import { WorkerResponses } from "../../../../lib/engines/local/worker_responses.ts";
import { InFlight } from "../../../../lib/engines/shared/in_flight.ts";
import { LateTasks } from "../../../../lib/engines/local/late_tasks.ts";
import type { EventBatch } from "../../../../lib/journal/format.ts";
import { parseEvents } from "../../../../lib/journal/scan.ts";
import { joinTasks, TaskBatch } from "../../../../lib/tasks/batch.ts";
import type { WorkerMessage } from "../../../../lib/worker/protocol.ts";
import { randomBelow, randomItem, randomOf } from "../../../../tools/support/random.ts";
import { assert, assertEquals } from "../../../support/assert.ts";
import { frame, lineFrame, resultFrame } from "../../../support/worker_frames.ts";

const TOKEN = "0f0e";
const results = (id: number, ...values: readonly unknown[]) => resultFrame(TOKEN, id, ...values);
const lines = (...values: readonly unknown[]) => lineFrame(TOKEN, ...values);
const error = { message: "no tile", type: "Error", class: "error" };
const failure = { id: 0, attempt: 1, type: "failed", ms: 0, error };

/** The tasks in flight in a worker, and what a reader finds in its bytes. */
class Rig {
  readonly results: (readonly [id: number, result: unknown])[] = [];
  readonly failures: unknown[] = [];
  readonly logs: string[] = [];
  readonly messages: WorkerMessage[] = [];
  readonly inFlight = new InFlight();
  readonly reader = new WorkerResponses(
    TOKEN,
    this.inFlight,
    (message) => this.messages.push(message),
  );

  /** Creates a worker with `count` tasks at their first attempt. */
  constructor(count = 6) {
    const bytes = new TextEncoder().encode("7\n".repeat(count));
    this.inFlight.push(TaskBatch.of(bytes, count, 0));
  }

  /** Reads bytes in pieces of a size, as they arrive from a socket. */
  read(bytes: Uint8Array, size = 10_000): this {
    let rest = new Uint8Array(0);
    for (let at = 0; at < bytes.length; at += size) {
      const piece = Uint8Array.from([...rest, ...bytes.subarray(at, at + size)]);
      const { used, batches } = this.reader.read(piece);
      for (const batch of batches) this.#add(batch);
      rest = piece.slice(used);
    }
    return this;
  }

  text(text: string, size?: number): this {
    return this.read(new TextEncoder().encode(text), size);
  }

  get left(): number[] {
    return this.inFlight.takeAll().map(({ id }) => id);
  }

  #add(batch: EventBatch): void {
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

Deno.test("WorkerResponses reads frames, however they are cut", () => {
  const text = lines({ idle: 0 }) + results(0, 1, "zwei", { a: [3] }) +
    lines(
      { id: 3, attempt: 1, stream: "stdout", text: "said\n" },
      { id: 3, result: 9 },
      { ...failure, id: 4 },
    ) + results(5, null) + lines({ idle: 6 });
  for (const size of [1, 2, 3, 7, 20, 64, 10_000]) {
    const rig = new Rig().text(text, size);
    assertEquals(rig.reader.violation, undefined);
    assertEquals(rig.results, [[0, 1], [1, "zwei"], [2, { a: [3] }], [3, 9], [5, null]]);
    assertEquals(rig.failures, [[4, "no tile", "7"]]);
    assertEquals(rig.logs, ["3 stdout said\n"]);
    assertEquals(rig.messages, [{ idle: 0 }, { idle: 6 }]);
    assertEquals(rig.left, []);
  }
});

Deno.test("WorkerResponses accepts results in any order, and lines of later attempts", () => {
  const rig = new Rig();
  const args = new TextEncoder().encode("7");
  rig.inFlight.push(joinTasks([{ id: 9, attempt: 3, args }])[0]!);
  rig.text(results(3, 3, 4) + lines({ id: 9, attempt: 3, ms: 1.5, result: 0 }) + results(0, 0, 1));
  assertEquals(rig.reader.violation, undefined);
  assertEquals(rig.results, [[3, 3], [4, 4], [9, 0], [0, 0], [1, 1]]);
  assertEquals(rig.left, [2, 5]);
});

Deno.test("WorkerResponses refuses whatever a worker never sends", async (t) => {
  const notInFlight = (id: number, attempt = 1) =>
    `task ${id}, attempt ${attempt}, is not in flight`;
  const count = (count: number) => `a block does not contain the ${count} results of its head`;
  const unknown = (value: unknown) => unknownLine(JSON.stringify(value));
  const cases: [name: string, text: string, violation: string][] = [
    ["text", "hello", "a block does not begin with the token of its worker"],
    ["fewer results", frame(TOKEN, { id: 0, count: 3 }, "1\n2\n"), count(3)],
    ["more results", frame(TOKEN, { id: 0, count: 1 }, "1\n2\n"), count(1)],
    ["an empty result", frame(TOKEN, { id: 0, count: 2 }, "1\n\n"), count(2)],
    ["a result with a NUL", frame(TOKEN, { id: 0, count: 1 }, "1\0\n"), count(1)],
    ["no result", frame(TOKEN, { id: 0, count: 0 }, ""), count(0)],
    ["a result without a newline", frame(TOKEN, { id: 0, count: 1 }, "1"), count(1)],
    [
      "a head with other keys",
      frame(TOKEN, { id: 0, count: 1, more: 1 }, "1\n"),
      "a block has an unknown head",
    ],
    [
      "a head with another order",
      frame(TOKEN, { count: 1, id: 0 }, "1\n"),
      "a block has an unknown head",
    ],
    ["a head with an id alone", frame(TOKEN, { id: 0 }, "1\n"), "a block has an unknown head"],
    ["a task that was not sent", results(6, 1), notInFlight(6)],
    ["tasks that were not all sent", results(5, 1, 2), notInFlight(6)],
    ["a second result", results(0, 1) + results(0, 2), notInFlight(0)],
    ["a second result as a line", results(0, 1) + lines({ id: 0, result: 2 }), notInFlight(0)],
    ["another attempt", lines({ id: 0, attempt: 2, result: 1 }), notInFlight(0, 2)],
    [
      "attempt 0",
      lines({ id: 0, attempt: 0, result: 1 }),
      unknown({ id: 0, attempt: 0, result: 1 }),
    ],
    ["a negative id", lines({ id: -1, result: 1 }), unknown({ id: -1, result: 1 })],
    ["a huge id", lines({ id: 1e300, result: 1 }), unknown({ id: 1e300, result: 1 })],
    [
      "a result without a value",
      frame(TOKEN, {}, '{"id":0,"result":}\n'),
      unknownLine('{"id":0,"result":}'),
    ],
    [
      "a line that is cut",
      frame(TOKEN, {}, '{"id":0,"result":1\n'),
      unknownLine('{"id":0,"result":1'),
    ],
    ["no line", frame(TOKEN, {}, ""), "a line is incomplete"],
    ["a line without a newline", frame(TOKEN, {}, '{"idle":1}'), "a line is incomplete"],
    ["null", lines(null), unknown(null)],
    ["a list", lines([]), unknown([])],
    [
      "a message with two keys",
      lines({ idle: 0, broken: error }),
      unknown({ idle: 0, broken: error }),
    ],
    ["an unknown message", lines({ toString: 1 }), unknown({ toString: 1 })],
    ["idle, not a number", lines({ idle: "0" }), unknown({ idle: "0" })],
    ["idle, negative", lines({ idle: -1 }), unknown({ idle: -1 })],
    ["broken without an error", lines({ broken: null }), unknown({ broken: null })],
    [
      "a failure of an unknown type",
      lines({ ...failure, type: "queued" }),
      unknown({ ...failure, type: "queued" }),
    ],
    [
      "a failure that is lost",
      lines({ ...failure, type: "lost" }),
      unknown({ ...failure, type: "lost" }),
    ],
    [
      "a failure without an error",
      lines({ ...failure, error: null }),
      unknown({ ...failure, error: null }),
    ],
    [
      "a failure of an unknown class",
      lines({ ...failure, error: { ...error, class: "bad" } }),
      unknown({ ...failure, error: { ...error, class: "bad" } }),
    ],
    [
      "a failure with a negative time",
      lines({ ...failure, ms: -1 }),
      unknown({ ...failure, ms: -1 }),
    ],
    ["a failure of another task", lines({ ...failure, id: 6 }), notInFlight(6)],
    [
      "a log of no stream",
      lines({ id: 0, attempt: 1, stream: "stdin", text: "" }),
      unknown({ id: 0, attempt: 1, stream: "stdin", text: "" }),
    ],
    [
      "a log without text",
      lines({ id: 0, attempt: 1, stream: "stdout", text: 7 }),
      unknown({ id: 0, attempt: 1, stream: "stdout", text: 7 }),
    ],
  ];
  for (const [name, text, violation] of cases) {
    await t.step(name, () => {
      const rig = new Rig().text(text + results(1, 8));
      assertEquals(rig.reader.violation, violation);
      assert(!rig.results.some(([id]) => id === 1), "nothing after it is believed");
    });
  }
});

Deno.test("WorkerResponses keeps the events before a violation", () => {
  const rig = new Rig().text(results(0, 1, 2) + lines({ id: 2, result: 3 }, { id: 77, result: 4 }));
  assertEquals(rig.reader.violation, "task 77, attempt 1, is not in flight");
  assertEquals(rig.results, [[0, 1], [1, 2], [2, 3]]);
  assertEquals(rig.left, [3, 4, 5]);
});

Deno.test("WorkerResponses drops a frame that is cut off by the stream's end", () => {
  const whole = results(0, 1, 2, 3);
  for (let length = 1; length < whole.length; length++) {
    const rig = new Rig().text(whole.slice(0, length), 5);
    assertEquals([rig.results, rig.reader.violation], [[], undefined], `${length} bytes`);
    assertEquals(rig.left.length, 6);
  }
});

const STREAMS = 2000, SEED = 15;

function unknownLine(text: string): string {
  return `it sent the unknown line ${JSON.stringify(`${text}\n`.slice(0, 80))}`;
}

/** Parts of which hostile streams are made. */
const PIECES: readonly ((random: () => number) => string)[] = [
  () => "\x1e",
  () => "\n",
  () => "\0".repeat(64),
  () => "\x1e\n",
  () => TOKEN.slice(0, 3),
  (random) => String.fromCharCode(...Array.from({ length: 30 }, () => random() * 256)),
  (random) => resultFrame("guess", randomBelow(random, 6), 666),
  (random) => lineFrame("guess", { id: randomBelow(random, 6), result: 666 }),
  (random) => frame("", { id: randomBelow(random, 6), count: 1 }, "666\n"),
  (random) =>
    frame(TOKEN, { id: randomBelow(random, 9), count: randomBelow(random, 4) - 1 }, "666\n"),
  (random) =>
    frame(
      TOKEN,
      { id: randomBelow(random, 9) - 2, count: 1, bytes: randomBelow(random, 9) - 2 },
      "666\n",
    ),
  (random) => lineFrame(TOKEN, { id: randomBelow(random, 20) + 6, result: 666 }),
  (random) => lineFrame(TOKEN, randomItem(random, [null, 7, {}, { idle: null }, { type: "x" }])),
  (random) => lineFrame(TOKEN, { ...failure, id: randomBelow(random, 9) - 1, error: null }),
  () => frame(TOKEN, { bytes: 2 ** 40 }, "{}\n"),
];

/** Matches a valid frame of one forged result with the worker's token. */
const VALID = new RegExp(
  `\x1e${TOKEN}\\d{10}\\{"id":(\\d),"count":1,"bytes":4\\}\n666\n\x1e\n`,
  "g",
);

Deno.test(`WorkerResponses survives ${STREAMS} hostile streams, seed ${SEED}`, () => {
  const random = randomOf(SEED);
  for (let number = 0; number < STREAMS; number++) {
    // Whole frames of the worker itself come first. A hostile part follows, then more frames.
    const good = randomBelow(random, 4), rig = new Rig();
    const own = Array.from({ length: good }, (_, id) => results(id, id)).join("");
    const hostile = Array.from(
      { length: 1 + randomBelow(random, 4) },
      () => randomItem(random, PIECES)(random),
    ).join("");
    const text = own + hostile + results(good, good);
    rig.read(Uint8Array.from(text, (letter) => letter.charCodeAt(0)), 1 + randomBelow(random, 300));
    const about = `stream ${number}: ${JSON.stringify(hostile)}`;
    assertEquals(
      rig.results.slice(0, good),
      Array.from({ length: good }, (_, id) => [id, id]),
      about,
    );
    // A frame with the token is believed as far as it is valid; nothing else is.
    const valid = [...hostile.matchAll(VALID)];
    const forged = rig.results.slice(good).filter(([, result]) => result === 666);
    assert(forged.every(([id]) => valid.some(([, named]) => Number(named) === id)), about);
    assertEquals(rig.failures, [], about);
    assertEquals(new Set([...rig.results.map(([id]) => id), ...rig.left]).size, 6, about);
  }
});

Deno.test("WorkerResponses keeps the class of the last failure until a result", () => {
  const { inFlight } = new Rig(), late = new LateTasks(() => 9);
  late.add(0, 0, 5);
  const reader = new WorkerResponses(TOKEN, inFlight, () => {}, late);
  const read = (text: string) => reader.read(new TextEncoder().encode(text));
  read(lines({ ...failure, error: { ...error, class: "crash" } }));
  read(lines({ id: 0, attempt: 1, stream: "stdout", text: "at exit\n" }));
  assertEquals(reader.lastFailure, "crash");
  read(results(1, 5));
  assertEquals(reader.lastFailure, undefined);
});
