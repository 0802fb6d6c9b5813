import {
  attemptFailed,
  type FailedAttempt,
  type FailureClass,
} from "../../../lib/journal/format.ts";
import { Attempts, type RetryOptions } from "../../../lib/tasks/attempts.ts";
import type { Limits, TaskBatch } from "../../../lib/tasks/batch.ts";
import { parsePolicy } from "../../../lib/tasks/retry.ts";
import { toTasks } from "../../../lib/tasks/source.ts";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { setClockBack } from "../../support/clock.ts";
import { within } from "../../../tools/support/until.ts";

/** One task of a batch, as an engine sees it. */
interface Seen {
  readonly id: number;
  readonly attempt: number;
  readonly limits?: Limits;
}

function seenOf(batch: TaskBatch): Seen[] {
  return [...batch].map(({ id, attempt, limits }) =>
    limits ? { id, attempt, limits } : { id, attempt }
  );
}

const OPTIONS = { policy: parsePolicy({}, 1), limits: {}, backoff: 0 } as const;

/** Runs all attempts; a function decides how each of them ends. */
async function play(
  count: number,
  options: Partial<RetryOptions>,
  fate: (task: Seen) => FailureClass | undefined,
): Promise<{ seen: Seen[]; failed: Seen[] }> {
  const attempts = new Attempts(toTasks(count), { ...OPTIONS, ...options });
  const seen: Seen[] = [], failed: Seen[] = [];
  for await (const batch of attempts) {
    for (const [i, task] of seenOf(batch).entries()) {
      seen.push(task);
      const kind = fate(task);
      const { args } = batch.task(i);
      const isAgain = kind !== undefined && attempts.retry(failureOf(task, kind, args));
      if (isAgain) continue;
      if (kind) failed.push(task);
      const success = new TextEncoder().encode(`{"id":${task.id},"result":1}\n`);
      attempts.end(1, kind ? new Uint8Array(0) : success, kind ? [task.id] : []);
    }
  }
  return { seen, failed };
}

function failureOf({ id, attempt }: Seen, kind: FailureClass, args: Uint8Array): FailedAttempt {
  const error = { message: "no", type: "Error", class: kind };
  return attemptFailed({ id, attempt, args }, error, 1);
}

const attemptsOf = (seen: readonly Seen[], wanted: number) =>
  seen.filter(({ id }) => id === wanted).map(({ attempt }) => attempt);

Deno.test("Attempts returns a task as often as the policy of its failures allows", async (t) => {
  const policy = parsePolicy({ error: "3", oom: "2", lost: "4" }, 1);
  const cases: [name: string, fates: (FailureClass | undefined)[], attempts: number[]][] = [
    ["a success", [undefined], [1]],
    ["an error, then a success", ["error", undefined], [1, 2]],
    ["errors", ["error", "error", "error"], [1, 2, 3]],
    ["a timeout", ["timeout"], [1]],
    ["out of memory", ["oom", "oom"], [1, 2]],
    ["a crash", ["crash"], [1]],
    ["each class counts for itself", ["error", "oom", "error", undefined], [1, 2, 3, 4]],
    ["a lost attempt does not count", ["lost", "lost", "error", "lost", undefined], [
      1,
      1,
      1,
      2,
      2,
    ]],
    ["lost too often", ["lost", "lost", "lost", "lost"], [1, 1, 1, 1]],
  ];
  for (const [name, fates, expected] of cases) {
    await t.step(name, async () => {
      let at = 0;
      const { seen, failed } = await play(1, { policy }, () => fates[at++]);
      assertEquals([attemptsOf(seen, 0), at], [expected, fates.length]);
      assertEquals(failed.length, fates.at(-1) ? 1 : 0);
    });
  }
});

Deno.test("Attempts grows the time after a timeout, and the memory after an oom", async () => {
  const policy = parsePolicy({ error: "5", timeout: "4 x2", oom: "4 x3" }, 1);
  const fates: (FailureClass | undefined)[] = ["timeout", "oom", "error", "timeout", undefined];
  let at = 0;
  const { seen } = await play(
    1,
    { policy, limits: { timeout: 100, memory: 10 } },
    () => fates[at++],
  );
  assertEquals(seen, [
    { id: 0, attempt: 1 },
    { id: 0, attempt: 2, limits: { timeout: 200, memory: 10 } },
    { id: 0, attempt: 3, limits: { timeout: 200, memory: 30 } },
    { id: 0, attempt: 4, limits: { timeout: 200, memory: 30 } },
    { id: 0, attempt: 5, limits: { timeout: 400, memory: 30 } },
  ]);
  // A job without limits has none to increase.
  const { seen: unlimited } = await play(
    1,
    { policy },
    ({ attempt }) => attempt < 2 ? "oom" : undefined,
  );
  assertEquals(unlimited, [{ id: 0, attempt: 1 }, { id: 0, attempt: 2 }]);
});

Deno.test("Attempts continues from the failures of a task in earlier runs", async () => {
  const policy = parsePolicy({ timeout: "3 x2" }, 1);
  const past = (id: number): FailureClass[] => id === 0 ? ["timeout", "timeout"] : [];
  const limits = { timeout: 100 };
  const { seen, failed } = await play(1, { policy, limits, past }, () => "timeout");
  assertEquals(seen, [{ id: 0, attempt: 1, limits: { timeout: 400 } }]);
  assertEquals(failed.length, 1);
});

Deno.test("Attempts does not return a task again before its wait is over", async () => {
  let now = 1000;
  const waits: number[] = [];
  const policy = parsePolicy({}, 3);
  const fate = ({ attempt }: Seen) => {
    waits.push(now);
    return attempt < 3 ? "error" as const : undefined;
  };
  // The clock advances with each call, so that time passes during a wait.
  const options = { policy, backoff: 50, random: () => 1, now: () => now += 20 };
  const { seen } = await within(play(1, options, fate), "three attempts");
  assertEquals(attemptsOf(seen, 0), [1, 2, 3]);
  assert(waits[1]! - waits[0]! >= 50 && waits[2]! - waits[1]! >= 100, waits.join());
});

Deno.test("Attempts waits as long as it should when the clock of the machine is set back", async () => {
  using _clock = setClockBack();
  const options = { policy: parsePolicy({}, 2), backoff: 50 };
  const fate = ({ attempt }: Seen) => attempt < 2 ? "error" as const : undefined;
  const { seen } = await within(play(1, options, fate), "the second attempt");
  assertEquals(attemptsOf(seen, 0), [1, 2]);
});

Deno.test("Attempts returns another attempt while the list is pending", async () => {
  const more = Promise.withResolvers<void>();
  const list = async function* () {
    yield "first";
    await more.promise;
    yield "second";
  };
  const attempts = new Attempts(toTasks(list()), { ...OPTIONS, policy: parsePolicy({}, 2) });
  const batches = attempts[Symbol.asyncIterator]();
  const next = async () => (await within(batches.next(), "a batch")).value as TaskBatch;
  const first = await next();
  const [task] = seenOf(first);
  assert(attempts.retry(failureOf(task!, "error", first.task(0).args)));
  assertEquals(seenOf(await next()), [{ id: 0, attempt: 2 }]);
  more.resolve();
  assertEquals(seenOf(await next()), [{ id: 1, attempt: 1 }]);
  attempts.end(2, new Uint8Array(0), []);
  assertEquals((await within(batches.next(), "the end")).done, true);
});

Deno.test("Attempts returns another attempt while the gate is closed", async () => {
  const open = Promise.withResolvers<void>();
  const gate = (read: number) => read < 1 ? Promise.resolve() : open.promise;
  const list = async function* () {
    yield* ["a", "b", "c"];
  };
  const options = { ...OPTIONS, policy: parsePolicy({}, 2) };
  const attempts = new Attempts(toTasks(list()), options, gate);
  const batches = attempts[Symbol.asyncIterator]();
  const next = async () => (await within(batches.next(), "a batch")).value as TaskBatch;
  const first = await next();
  assertEquals(seenOf(await next()), [{ id: 1, attempt: 1 }]);
  const waiting = next();
  assert(attempts.retry(failureOf({ id: 0, attempt: 1 }, "error", first.task(0).args)));
  assertEquals(seenOf(await waiting), [{ id: 0, attempt: 2 }]);
  open.resolve();
  assertEquals(seenOf(await next()), [{ id: 2, attempt: 1 }]);
  attempts.end(3, new Uint8Array(0), []);
  assertEquals((await within(batches.next(), "the end")).done, true);
});

Deno.test("Attempts throws the list's error, and closes a list that is left", async () => {
  const broken = async function* () {
    yield 1;
    throw new RangeError("broken");
  };
  const attempts = new Attempts(toTasks(broken()), OPTIONS);
  const error = await assertRejects(() => Array.fromAsync(attempts), RangeError);
  assertEquals(error.message, "broken");
  let isClosed = false;
  const endless = async function* () {
    try {
      while (true) yield 1;
    } finally {
      isClosed = true;
    }
  };
  for await (const _ of new Attempts(toTasks(endless()), OPTIONS)) break;
  assertEquals(isClosed, true);
});

Deno.test("Attempts runs 200,000 tasks that fail together", async () => {
  const policy = parsePolicy({}, 2);
  const fate = ({ attempt }: Seen) => attempt < 2 ? "error" as const : undefined;
  const { seen, failed } = await within(play(200_000, { policy, backoff: 1 }, fate), "all of them");
  assertEquals([seen.length, failed.length], [400_000, 0]);
});

Deno.test("Attempts.change() gives tasks the limits that workers do not follow", async (t) => {
  for (const isFollowed of [true, false]) {
    await t.step(isFollowed ? "followed" : "not followed", async () => {
      const attempts = new Attempts(toTasks(2), { ...OPTIONS, limits: { timeout: 100 } });
      const limits = { timeout: 900, memory: undefined };
      attempts.change({ limits }, isFollowed);
      const seen: Seen[] = [];
      for await (const batch of attempts) {
        seen.push(...seenOf(batch));
        attempts.end(batch.count, new Uint8Array(0), []);
      }
      const own = isFollowed ? {} : { limits };
      assertEquals(seen, [0, 1].map((id) => ({ id, attempt: 1, ...own })));
    });
  }
});

Deno.test("Attempts.change() keeps the memory of the engine, which grows after oom", async () => {
  const policy = parsePolicy({ oom: "x2" }, 1), seen: Seen[] = [];
  const attempts = new Attempts(toTasks(1), { ...OPTIONS, policy, limits: {}, taskMemory: 100 });
  attempts.change({ limits: { timeout: 900, memory: undefined } }, false);
  for await (const batch of attempts) {
    const { args } = batch.task(0), [task] = seenOf(batch);
    seen.push(task!);
    if (!attempts.retry(failureOf(task!, "oom", args))) attempts.end(1, new Uint8Array(0), [0]);
  }
  assertEquals(seen.map(({ limits }) => limits), [
    { timeout: 900, memory: undefined },
    { timeout: 900, memory: 200 },
    { timeout: 900, memory: 400 },
  ]);
});

Deno.test("Attempts.change() replaces the policy of later failures", async () => {
  const attempts = new Attempts(toTasks(1), OPTIONS), tries: number[] = [];
  for await (const batch of attempts) {
    const { args } = batch.task(0), failure = failureOf(seenOf(batch)[0]!, "error", args);
    tries.push(batch.attempt);
    if (tries.length === 1) attempts.change({ policy: parsePolicy({}, 3) }, true);
    if (!attempts.retry(failure)) attempts.end(1, new Uint8Array(0), [0]);
  }
  assertEquals(tries, [1, 2, 3]);
});
