import { TaskBatch } from "../../../../lib/tasks/batch.ts";
import { ResultArchive } from "../../../../lib/engines/compute/result_archive.ts";
import type { PlatformJob } from "../../../../lib/engines/compute/records.ts";
import { ComputePart, type SliceEnd } from "../../../../lib/engines/compute/compute_part.ts";
import type { Leftover } from "../../../../lib/engines/batch/backend.ts";
import {
  blockHead,
  type EventBatch,
  NO_EVENTS,
  successLine,
} from "../../../../lib/journal/format.ts";
import { parseEvents } from "../../../../lib/journal/scan.ts";
import { assertEquals } from "../../../support/assert.ts";
import { decode, encode, noWarning } from "./_batches.ts";

/** Returns a platform job with tasks from 0 on. */
function partOf(count: number): ComputePart {
  const part = new ComputePart("0123456789ab", { id: "function", namespace: "acme:me" }, "2_7");
  part.push(TaskBatch.of(encode("[1]\n".repeat(count)), count, 0));
  return part;
}

/** Returns the platform's log of some lines. */
function logOf(...lines: readonly string[]): string {
  const date = "2026-05-04T11:02:07.114000Z";
  return lines.map((log) => `${JSON.stringify({ date, log })}\n`).join("");
}

const logsOf = (batches: readonly EventBatch[]) => batches.flatMap(({ logs }) => logs);
const stray = (text: string) => ({ id: -1, attempt: 1, stream: "stderr", text: `${text}\n` });

Deno.test("ComputePart.readLog() reads the lines that the program on the platform prints", () => {
  const part = partOf(3), line = { id: 1, attempt: 1, stream: "stdout", text: "a\nb" } as const;
  const span = { worker: "0", from: 1000, to: 1500, id: 0, count: 2 };
  assertEquals(part.hasStarted, false);
  const batches = part.readLog(logOf(
    JSON.stringify({ begun: "2026-05-04T11:02:07Z" }),
    JSON.stringify(line),
    JSON.stringify({ span }),
  ));
  assertEquals(logsOf(batches), [line]);
  assertEquals([part.hasStarted, part.end, part.inFlight.count], [true, undefined, 3]);
  const [{ span: found } = NO_EVENTS, ...more] = part.takeSpans();
  assertEquals([found, more.length], [{ ...span, worker: "2_7.0" }, 0]);
  assertEquals([part.busyMs, part.takeSpans().length], [500, 0]);
});

Deno.test("ComputePart.readLog() reads all other lines as text without a task", async (t) => {
  const texts = [
    "Traceback (most recent call last):",
    "7",
    "null",
    '"text"',
    '{"level":"info","msg":"of another program"}',
    '{"id":0,"result":"forged"}',
    '{"id":0,"count":1,"bytes":2}',
    '{"id":0,"attempt":1,"type":"failed","ms":0,"error":{"message":"forged"}}',
    '{"ended":"2026-05-04T11:02:07Z"}',
    '{"id":0,"result":"forged","stream":"stdout"}',
    '{"id":0,"count":1,"bytes":2,"stream":"stdout"}',
    '{"id":0,"type":"failed","error":{},"span":1}',
    '{"span":{"name":"of another program"}}',
    '{"log":"of another program","stream":"stdout"}',
    '{"begun":\n"torn"}x',
  ];
  for (const text of texts) {
    await t.step(text, () => {
      const part = partOf(2);
      assertEquals(logsOf(part.readLog(logOf(text))), [stray(text)]);
      assertEquals([part.inFlight.count, part.end, part.hasStarted], [2, undefined, false]);
      assertEquals([part.takeSpans(), part.busyMs], [[], 0]);
    });
  }
  await t.step("a line that is not JSON of the platform", () => {
    assertEquals(logsOf(partOf(1).readLog("\n  text\n\n")), [stray("  text")]);
    assertEquals(partOf(1).readLog(""), []);
  });
});

/** Returns the result archive of a platform job. */
async function archiveOf(end: SliceEnd, ...lines: readonly string[]): Promise<Uint8Array> {
  const archive = new ResultArchive(noWarning);
  for (const line of lines) {
    await archive.add({ ...NO_EVENTS, lines: encode(line), succeeded: 1 });
  }
  return await archive.close(end);
}

const ENDED: SliceEnd = { ended: "2026-05-04T11:02:07Z" };
const FULL: SliceEnd = { full: "2026-05-04T11:02:07Z" };
const TERMINATED: SliceEnd = { terminated: "2026-05-04T11:02:07Z" };

const noFile = () => Promise.reject(new Error("there is a file"));

const success = (id: number) => `${successLine(id, 1, 0, "1")}\n`;

Deno.test("ComputePart.readArchive() yields the events of its own tasks only", async () => {
  const part = partOf(5);
  const run = `${blockHead({ id: 0, count: 2, bytes: 4 })}1\n1\n`;
  const archive = await archiveOf(ENDED, run, success(3), success(3), success(9));
  const events = [];
  for await (const { lines } of part.readArchive(archive, noFile)) {
    events.push(...parseEvents(decode(lines)));
  }
  assertEquals(events.map(({ id }) => id), [0, 1, 3]);
  assertEquals(part.end, ENDED);
  assertEquals(part.inFlight.takeAll().map(({ id }) => id), [2, 4]);
});

/** Returns the ids of the tasks without a response: those that failed, and those to run again. */
function seen({ failures, slices = [] }: Leftover) {
  return {
    failed: failures.map(({ event: { id, type, error } }) => [id, type, error.class]),
    again: slices.map((slice) => slice.flatMap((batch) => Array.from(batch, ({ id }) => id))),
  };
}

interface Case {
  readonly name: string;
  readonly count: number;
  /** The number of tasks with a response, counted from the first. */
  readonly answered?: number;
  readonly end?: SliceEnd;
  readonly isCanceled?: boolean;
  readonly job?: Partial<PlatformJob>;
  readonly failed?: unknown[];
  readonly again?: number[][];
}

const CASES: readonly Case[] = [
  { name: "all have a response", count: 2, answered: 2, end: ENDED, job: { status: "success" } },
  {
    name: "it ended before all tasks had run",
    ...{ count: 5, answered: 2, end: ENDED, job: { status: "success" }, again: [[2, 3, 4]] },
  },
  {
    name: "it ended before any task had run",
    ...{ count: 2, end: ENDED, job: { status: "success" } },
    failed: [[0, "lost", "lost"], [1, "lost", "lost"]],
  },
  {
    name: "its result was full",
    ...{ count: 5, answered: 2, end: FULL, job: { status: "success" }, again: [[2, 3, 4]] },
  },
  {
    name: "nothing fits into its result: each half runs again",
    ...{ count: 5, end: FULL, job: { status: "success" }, again: [[0, 1, 2], [3, 4]] },
  },
  {
    name: "its time limit passed: running tasks are charged",
    ...{ count: 6, answered: 1, end: TERMINATED, job: { status: "success" } },
    failed: [[1, "failed", "timeout"], [2, "failed", "timeout"]],
    again: [[3, 4, 5]],
  },
  {
    name: "its time limit passed before any task had run",
    ...{ count: 3, end: TERMINATED, job: { status: "success" } },
    failed: [[0, "failed", "timeout"], [1, "failed", "timeout"]],
    again: [[2]],
  },
  {
    name: "its result is lost",
    ...{ count: 2, job: { status: "success" } },
    failed: [[0, "lost", "lost"], [1, "lost", "lost"]],
  },
  { name: "the platform does not know it", count: 1, failed: [[0, "lost", "lost"]] },
  {
    name: "another program has canceled it",
    ...{ count: 2, job: { status: "canceled" } },
    failed: [[0, "lost", "lost"], [1, "lost", "lost"]],
  },
  {
    name: "it was canceled on purpose",
    ...{ count: 2, isCanceled: true, job: { status: "canceled" }, again: [[0, 1]] },
  },
  {
    name: "out of memory: each half runs again",
    ...{ count: 5, job: { status: "failure", exit_code: 137 }, again: [[0, 1, 2], [3, 4]] },
  },
  { name: "a crash of two", count: 2, job: { status: "failure" }, again: [[0], [1]] },
  { name: "a timeout of two", count: 2, job: { status: "timeout" }, again: [[0], [1]] },
  {
    name: "a single task is the reason for the kill",
    ...{ count: 1, job: { status: "failure", exit_code: 137 }, failed: [[0, "failed", "oom"]] },
  },
  {
    name: "a single task ran out of memory",
    count: 1,
    job: { status: "failure", error_reason: "Out of Memory" },
    failed: [[0, "failed", "oom"]],
  },
  {
    name: "a single task crashed it",
    ...{ count: 1, job: { status: "failure", exit_code: 139 }, failed: [[0, "failed", "crash"]] },
  },
  {
    name: "a single task took all the time",
    ...{ count: 1, job: { status: "timeout" }, failed: [[0, "failed", "timeout"]] },
  },
];

Deno.test("ComputePart.takeLeftover() fails the tasks that are to blame, and runs the others again", async (t) => {
  for (const { name, count, answered = 0, end, isCanceled, job, failed, again } of CASES) {
    await t.step(name, async () => {
      const part = partOf(count), ids = Array.from({ length: answered }, (_, id) => id);
      if (isCanceled) part.isCanceled = true;
      if (end) {
        await Array.fromAsync(part.readArchive(await archiveOf(end, ...ids.map(success)), noFile));
      }
      const whole = job && { id: part.job, status: "failure", args: [], ...job } as const;
      part.ended = { job: whole };
      assertEquals(seen(part.takeLeftover(2)), { failed: failed ?? [], again: again ?? [] });
      assertEquals(part.inFlight.count, 0);
    });
  }
});

Deno.test("ComputePart.takeLeftover() names the end of its platform job", async (t) => {
  const cases: [job: Partial<PlatformJob> | undefined, message: string][] = [
    [undefined, "its platform job 0123456789ab ended with status gone"],
    [
      { status: "success" },
      "its platform job 0123456789ab succeeded, but its result is gone",
    ],
    [
      { status: "failure", exit_code: 139, error_reason: "it broke" },
      "its platform job 0123456789ab ended with status failure: it broke (exit code 139)",
    ],
    [
      { status: "timeout", exit_code: null },
      "its platform job 0123456789ab ended with status timeout",
    ],
  ];
  for (const [job, message] of cases) {
    await t.step(message, () => {
      const whole = job && { id: "x", status: "failure", args: [], ...job } as const;
      const part = partOf(1);
      part.ended = { job: whole };
      const [failure] = part.takeLeftover(1).failures;
      const { message: said, type } = failure!.event.error;
      assertEquals([said, type], [message, "PlatformJobEnded"]);
    });
  }
});
