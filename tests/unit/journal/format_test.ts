import {
  attemptFailed,
  blockHead,
  eventLine,
  parseEvent,
  successLine,
  type TaskError,
  type TaskEvent,
} from "../../../lib/journal/format.ts";
import { assertEquals } from "../../support/assert.ts";
import { lineOf } from "./_events.ts";

/** Results with text that resembles other parts of a line. */
const RESULTS: readonly (readonly [name: string, result: unknown])[] = [
  ["a number", 1],
  ["null", null],
  ["false", false],
  ["empty text", ""],
  ["an empty list", []],
  ["an object", { mean: 1.5, tags: ["a"] }],
  ["a text with a key in it", ',"result":'],
  ["an object with the keys of a line", { id: 7, attempt: 3, ms: 2, type: "failed", result: 1 }],
  ["nested results", { result: { result: [{ result: null }] } }],
  ["a text that ends like a line", '"}'],
  ["letters beyond ASCII", "ü€😀\u2028"],
  ["newlines, which JSON escapes", "a\nb"],
  ["an ERROR that is only text inside", { log: "ERROR" }],
];

Deno.test("successLine() leaves out what is usual", async (t) => {
  const cases: [id: number, attempt: number, ms: number, line: string][] = [
    [0, 1, 0, '{"id":0,"result":R}'],
    [7, 1, 0.09, '{"id":7,"result":R}'],
    [7, 1, 0.1, '{"id":7,"ms":0.1,"result":R}'],
    [7, 1, 1.25, '{"id":7,"ms":1.3,"result":R}'],
    [7, 1, 1.04, '{"id":7,"ms":1,"result":R}'],
    [7, 1, 86_400_000, '{"id":7,"ms":86400000,"result":R}'],
    [7, 2, 0, '{"id":7,"attempt":2,"result":R}'],
    [4294967295, 12, 3.21, '{"id":4294967295,"attempt":12,"ms":3.2,"result":R}'],
  ];
  for (const [id, attempt, ms, line] of cases) {
    await t.step(line, () => assertEquals(successLine(id, attempt, ms, "R"), line));
  }
});

Deno.test("parseEvent() reads what successLine() writes", async (t) => {
  for (const [name, result] of RESULTS) {
    for (const [attempt, ms] of [[1, 0], [1, 2.5], [3, 0], [3, 12.5]] as const) {
      await t.step(`${name}, attempt ${attempt}, ${ms} ms`, () => {
        const line = successLine(12, attempt, ms, JSON.stringify(result));
        assertEquals(parseEvent(line), { id: 12, attempt, type: "succeeded", ms, result });
      });
    }
  }
});

const ERROR: TaskError = {
  message: 'Cannot read "ü":\n,"result":1',
  type: "TypeError",
  class: "error",
  stack: "TypeError: Cannot read\n    at task (file:///tiles.ts:3:7)",
  value: { ERROR: "x", ARGS: [{ result: 1 }] },
};

/** An event of each type, so that a new type does not compile without its event here. */
const EVENTS: { [T in TaskEvent["type"]]: Extract<TaskEvent, { type: T }> } = {
  queued: { id: 3, attempt: 1, type: "queued" },
  retried: { id: 3, attempt: 1, type: "retried", ms: 1.5, error: ERROR },
  succeeded: { id: 3, attempt: 1, type: "succeeded", ms: 0, result: { result: 1 } },
  failed: { id: 3, attempt: 3, type: "failed", ms: 0, error: ERROR },
  lost: { id: 3, attempt: 1, type: "lost", error: { message: "x", type: "Lost", class: "lost" } },
};

Deno.test("parseEvent() reads every type of event", async (t) => {
  for (const event of Object.values(EVENTS)) {
    await t.step(event.type, () => assertEquals(parseEvent(lineOf(event)), event));
  }
});

Deno.test("eventLine() writes the keys in the order of the format, whatever their order in the event", () => {
  assertEquals(
    eventLine({
      error: { message: "x", type: "Error", class: "oom" },
      ms: 2,
      type: "failed",
      attempt: 2,
      id: 3,
    }),
    '{"id":3,"attempt":2,"type":"failed","ms":2,"error":{"message":"x","type":"Error","class":"oom"}}',
  );
  assertEquals(eventLine(EVENTS.queued), '{"id":3,"attempt":1,"type":"queued"}');
});

Deno.test("blockHead() describes the results that follow", () => {
  assertEquals(blockHead({ id: 0, count: 2, bytes: 4 }), '{"id":0,"count":2,"bytes":4}\n');
  assertEquals(
    blockHead({ id: 4294967290, count: 6, bytes: 999, ms: 12 }),
    '{"id":4294967290,"count":6,"bytes":999,"ms":12}\n',
  );
});

Deno.test("attemptFailed() is lost where the engine is to blame, and failed otherwise", () => {
  const checkpoint = new Uint8Array(2), args = new Uint8Array(1);
  const task = { id: 3, attempt: 2, args, checkpoint };
  const lost = { message: "x", type: "Lost", class: "lost" } as const;
  assertEquals(attemptFailed(task, lost, 12), {
    event: { id: 3, attempt: 2, type: "lost", error: lost },
    args,
    checkpoint,
  });
  assertEquals(attemptFailed(task, ERROR, 12), {
    event: { id: 3, attempt: 2, type: "failed", ms: 12, error: ERROR },
    args,
    checkpoint,
  });
  assertEquals(attemptFailed(task, ERROR).event, {
    id: 3,
    attempt: 2,
    type: "failed",
    ms: 0,
    error: ERROR,
  });
});
