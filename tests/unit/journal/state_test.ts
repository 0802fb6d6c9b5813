import { successLine, type TaskEvent } from "../../../lib/journal/format.ts";
import { JournalState } from "../../../lib/journal/state.ts";
import { assertEquals } from "../../support/assert.ts";
import { encode, linesOf } from "./_events.ts";

const ERROR = { message: "no", type: "Error", class: "error" } as const;
const LATE = { message: "late", type: "Timeout", class: "timeout" } as const;

Deno.test("JournalState applies every type of event", async (t) => {
  const id = 3, ms = 1, base = { id, attempt: 1 } as const;
  const failed = { ...base, type: "failed", ms, error: ERROR } as const;
  const retried = { ...base, type: "retried", ms, error: LATE } as const;
  const succeeded = { ...base, type: "succeeded", ms, result: null } as const;
  const queued = { ...base, type: "queued" } as const;
  const twice = [retried, { ...retried, attempt: 2, error: ERROR }];
  // State, next attempt, failures so far; then the counts of succeeded, failed, retried.
  const cases: [name: string, events: TaskEvent[], expected: string][] = [
    ["nothing", [], "open 1 []; 0 0 0"],
    ["lost", [{ ...base, type: "lost", error: ERROR }], "open 1 []; 0 0 0"],
    ["retried", [retried], "open 2 [timeout]; 0 0 1"],
    ["retried twice", twice, "open 3 [timeout,error]; 0 0 2"],
    ["succeeded", [succeeded], "succeeded 1 []; 1 0 0"],
    ["succeeded twice", [succeeded, succeeded], "succeeded 1 []; 1 0 0"],
    ["succeeded at last", [retried, { ...succeeded, attempt: 2 }], "succeeded 2 []; 1 0 1"],
    ["failed", [failed], "failed 1 []; 0 1 0"],
    ["failed at last", [retried, { ...failed, attempt: 2 }], "failed 2 []; 0 1 1"],
    ["put back", [failed, queued], "open 2 []; 0 0 0"],
    ["put back, failed", [failed, queued, { ...failed, attempt: 2 }], "failed 2 []; 0 1 0"],
    ["put back, done", [failed, queued, { ...succeeded, attempt: 2 }], "succeeded 2 []; 1 0 0"],
  ];
  for (const [name, events, expected] of cases) {
    await t.step(name, () => {
      const state = new JournalState();
      state.add(linesOf(events));
      const counts = `${state.succeeded} ${state.failed} ${state.retried}`;
      const found = `${state.of(id)} ${state.nextAttempt(id)} [${state.triesOf(id)}]; ${counts}`;
      assertEquals(found, expected);
      assertEquals([state.of(0), state.of(1_000_000)], ["open", "open"]);
      assertEquals(state.firstOpen(id), expected.startsWith("open") ? id : id + 1);
      assertEquals(
        [state.hasEndFrom(id), state.hasEndFrom(id + 1)],
        [!expected.startsWith("open"), false],
      );
    });
  }
});

Deno.test("JournalState copies no earlier failures of a task for each attempt", () => {
  const state = new JournalState();
  const retried = (attempt: number) =>
    linesOf([{ id: 1, attempt, type: "retried", ms: 1, error: ERROR }]);
  state.add(retried(1));
  const tries = state.triesOf(1);
  for (let attempt = 2; attempt < 100; attempt++) state.add(retried(attempt));
  assertEquals([state.triesOf(1) === tries, tries.length], [true, 99]);
});

Deno.test("JournalState recognizes a success by its form, whatever its result", () => {
  const state = new JournalState();
  const results = ['{"type":"failed","id":9}', '"\\n\\"result\\":"', "[1,[2]]", "null", "-1.5e+3"];
  const lines = results.flatMap((text, id) => [
    successLine(id, 1, 0, text),
    successLine(id + 100, 12, 3.25, text),
  ]);
  state.add(encode(lines.map((line) => line + "\n").join("")));
  assertEquals([state.succeeded, state.failed], [10, 0]);
});

Deno.test("JournalState keeps the last checkpoint until a task succeeds", () => {
  const update = (id: number, value: number) =>
    `{"id":${id},"attempt":1,"type":"checkpoint","info":true,"value":${value}}\n`;
  const failed = (id: number) =>
    `{"id":${id},"attempt":1,"type":"failed","ms":1,"error":{"message":"x","type":"E","class":"error"}}\n`;
  const state = new JournalState();
  const add = (text: string) => state.add(new TextEncoder().encode(text));
  const saved = () =>
    [0, 1, 2].map((id) => {
      const bytes = state.checkpointOf(id);
      return bytes && new TextDecoder().decode(bytes);
    });
  add(update(0, 1) + update(1, 1) + update(0, 2) + update(2, 5));
  assertEquals(saved(), ["2", "1", "5"]);
  add(failed(0) + '{"id":1,"result":7}\n{"id":2,"attempt":1,"type":"queued"}\n');
  assertEquals(saved(), ["2", undefined, "5"]);
  assertEquals(state.of(0), "failed");
});

Deno.test("JournalState keeps the last progress of each running attempt", () => {
  const progress = (id: number, fraction: number) =>
    `{"id":${id},"attempt":1,"type":"progress","info":true,"fraction":${fraction}}\n`;
  const retried =
    '{"id":1,"attempt":1,"type":"retried","ms":1,"error":{"message":"x","type":"E","class":"error"}}\n';
  const state = new JournalState();
  const add = (text: string) => state.add(new TextEncoder().encode(text));
  add(progress(0, 0.1) + progress(1, 0.2) + progress(2, 0.3) + progress(0, 0.4));
  assertEquals(state.progress.map(({ id, fraction }) => [id, fraction]), [[0, 0.4], [1, 0.2], [
    2,
    0.3,
  ]]);
  add(retried + '{"id":2,"result":1}\n');
  assertEquals(state.progress.map(({ id }) => id), [0]);
  assertEquals(state.triesOf(1), ["error"]);
});
