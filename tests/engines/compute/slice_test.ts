import { joinTasks } from "../../../lib/batch.ts";
import { Parcel } from "../../../lib/engines/compute/parcel.ts";
import type { PlatformJob } from "../../../lib/engines/compute/platform.ts";
import { Slice, type SliceEnd } from "../../../lib/engines/compute/slice.ts";
import { type FailureClass, NO_EVENTS, successLine } from "../../../lib/event.ts";
import { assertEquals, assertMatch } from "../../assert.ts";

/** A slice of so many tasks. */
function sliceOf(count: number): Slice {
  const slice = new Slice("0123456789ab", "function", "namespace");
  const tasks = Array.from(
    { length: count },
    (_, id) => ({ id, attempt: 1, args: encode(`${id}`) }),
  );
  for (const batch of joinTasks(tasks)) slice.push(batch);
  return slice;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A platform's log of some lines. */
function logOf(...lines: string[]): string {
  return lines.map((log) => JSON.stringify({ date: "2026-05-04T11:02:07Z", log }) + "\n").join("");
}

/** Lets a slice have answers to its first tasks, and a last word. */
async function answer(slice: Slice, count: number, end: SliceEnd): Promise<number> {
  const parcel = new Parcel();
  for (let id = 0; id < count; id++) {
    const lines = encode(successLine(id, 1, 0, `${id}`) + "\n");
    await parcel.add({ ...NO_EVENTS, lines, succeeded: 1 });
  }
  const batches = await Array.fromAsync(slice.readAnswers(await parcel.close(end)));
  return batches.reduce((sum, { succeeded }) => sum + succeeded, 0);
}

function job(status: PlatformJob["status"], more: Partial<PlatformJob> = {}): PlatformJob {
  return { id: "0123456789ab", status, args: [0], ...more };
}

/** Which tasks failed how, and which go on together. */
function restOf(slice: Slice, ended: PlatformJob | undefined, running = 1) {
  const { failures, slices } = slice.takeRest(ended, running);
  return {
    failures: failures.map(({ event: { id, type, error } }) => [id, type, error.class]),
    slices: slices.map((slice) => slice.flatMap((batch) => [...batch].map(({ id }) => id))),
  };
}

Deno.test("a slice reads the log: its own lines, and what was written around JavaScript", () => {
  const slice = sliceOf(3);
  const said = { id: 1, attempt: 1, stream: "stdout", text: "hi\n" } as const;
  const span = { worker: "0", from: 10, to: 30, id: 0, count: 3 };
  const batches = slice.readLog(logOf(
    JSON.stringify({ begun: "now" }),
    JSON.stringify(said),
    "a warning",
    '{"json":"of somebody"}',
    JSON.stringify({ span }),
  ));
  const stray = (text: string) => ({ id: -1, attempt: 1, stream: "stderr", text });
  assertEquals(batches.flatMap(({ logs }) => logs), [
    said,
    stray("a warning\n"),
    stray('{"json":"of somebody"}\n'),
  ]);
  assertEquals(slice.hasBegun, true);
  assertEquals(slice.takeSpans().map((batch) => batch.span), [{ ...span, worker: "01234567.0" }]);
  assertEquals(slice.busyMs, 20);
});

Deno.test("a slice takes no answer from a log", () => {
  const slice = sliceOf(2);
  const batches = slice.readLog(logOf('{"id":0,"result":"forged"}', '{"ended":"now"}', "{"));
  assertEquals(batches.reduce((sum, { succeeded }) => sum + succeeded, 0), 0);
  assertEquals([slice.pending.count, slice.end], [2, undefined]);
});

Deno.test("a slice tells its times once, however often it was begun", () => {
  const slice = sliceOf(2);
  const span = JSON.stringify({ span: { worker: "0", from: 1, to: 2, id: 0, count: 1 } });
  slice.readLog(logOf(span));
  slice.readLog(logOf(span, span));
  assertEquals(slice.takeSpans().length, 2);
});

Deno.test("what a slice leaves behind depends on how it ended", async (t) => {
  const cases: [string, (slice: Slice) => unknown, PlatformJob | undefined, object][] = [
    ["it had no room for all", (slice) => answer(slice, 2, { ended: "now" }), job("success"), {
      failures: [],
      slices: [[2, 3]],
    }],
    ["its time was over", (slice) => answer(slice, 1, { terminated: "now" }), job("success"), {
      failures: [[1, "failed", "timeout"]],
      slices: [[2, 3]],
    }],
    [
      "its time was over before anything ended",
      (slice) => answer(slice, 0, { terminated: "now" }),
      job("success"),
      {
        failures: [[0, "failed", "timeout"]],
        slices: [[1, 2, 3]],
      },
    ],
    ["it ended and did nothing", (slice) => answer(slice, 0, { ended: "now" }), job("success"), {
      failures: [0, 1, 2, 3].map((id) => [id, "lost", "lost"]),
      slices: [],
    }],
    ["what it returned is gone", () => {}, job("success"), {
      failures: [0, 1, 2, 3].map((id) => [id, "lost", "lost"]),
      slices: [],
    }],
    ["the platform does not know it", () => {}, undefined, {
      failures: [0, 1, 2, 3].map((id) => [id, "lost", "lost"]),
      slices: [],
    }],
    ["somebody canceled it", () => {}, job("canceled"), {
      failures: [0, 1, 2, 3].map((id) => [id, "lost", "lost"]),
      slices: [],
    }],
    ["it was canceled on purpose", (slice) => slice.isCanceled = true, job("canceled"), {
      failures: [],
      slices: [[0, 1, 2, 3]],
    }],
    ["it failed", () => {}, job("failure", { exit_code: 1 }), {
      failures: [],
      slices: [[0, 1], [2, 3]],
    }],
    ["the platform ended it in time", () => {}, job("timeout"), {
      failures: [],
      slices: [[0, 1], [2, 3]],
    }],
  ];
  for (const [name, happens, ended, expected] of cases) {
    await t.step(name, async () => {
      const slice = sliceOf(4);
      await happens(slice);
      assertEquals(restOf(slice, ended), expected);
      assertEquals(slice.pending.count, 0);
    });
  }
});

Deno.test("a task that is alone is charged with the end of its platform job", async (t) => {
  const cases: [string, PlatformJob, FailureClass][] = [
    ["killed", job("failure", { exit_code: 137 }), "oom"],
    ["said to have no memory", job("failure", { error_reason: "Out of memory" }), "oom"],
    ["ended", job("failure", { exit_code: 1, error_reason: "RuntimeError: deno ended" }), "crash"],
    ["out of time", job("timeout"), "timeout"],
  ];
  for (const [name, ended, kind] of cases) {
    await t.step(name, () => {
      assertEquals(restOf(sliceOf(1), ended), { failures: [[0, "failed", kind]], slices: [] });
    });
  }
  const { failures } = sliceOf(1).takeRest(cases[2]![1], 1);
  assertMatch(
    failures[0]!.event.error.message,
    /^its platform job 0123456789ab ended as failure: RuntimeError: deno ended \(exit code 1\)$/,
  );
});
