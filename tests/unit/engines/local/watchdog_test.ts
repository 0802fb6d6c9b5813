import { ProcessTree } from "../../../../lib/util/process/process_tree.ts";
import {
  type Verdict,
  Watchdog,
  type WatchdogOptions,
} from "../../../../lib/engines/local/watchdog.ts";
import { InFlight } from "../../../../lib/engines/shared/in_flight.ts";
import { TaskBatch } from "../../../../lib/tasks/batch.ts";
import { until } from "../../../../tools/support/until.ts";
import { assert, assertEquals, assertMatch } from "../../../support/assert.ts";

const TIMEOUT = 200;

/** Waits for some checks of the watchdog, which come every 20 ms. */
const checks = () => new Promise((resolve) => setTimeout(resolve, 100));

/** A watchdog with a clock that is moved by hand, and the tasks that it watches. */
class Rig implements Disposable {
  now = 0;
  kills = 0;
  readonly inFlight = new InFlight();
  readonly watchdog: Watchdog;

  constructor(options: Partial<WatchdogOptions> = {}) {
    this.watchdog = new Watchdog({
      processes: new ProcessTree(Deno.pid),
      concurrency: 1,
      kill: () => this.kills++,
      now: () => this.now,
      ...options,
    });
  }

  /** Sends tasks to the worker, which is ready. */
  send(from: number, count: number): void {
    this.inFlight.push(TaskBatch.of(new TextEncoder().encode("7\n".repeat(count)), count, from));
    this.watchdog.track(this.inFlight, { isReady: true });
  }

  /** Ends the running task. */
  complete(id: number): void {
    this.inFlight.complete(id);
    this.watchdog.track(this.inFlight);
  }

  /** Moves the clock in steps that do not look like a delay of this process. */
  async pass(ms: number): Promise<void> {
    for (const end = this.now + ms; this.now < end;) {
      this.now = Math.min(end, this.now + 20);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  async untilVerdict(): Promise<Verdict> {
    return await until(() => this.watchdog.verdict, "a verdict", 10_000);
  }

  [Symbol.dispose](): void {
    this.watchdog[Symbol.dispose]();
  }
}

Deno.test("Watchdog ends a worker whose task runs longer than the timeout", async () => {
  using rig = new Rig({ timeout: TIMEOUT });
  rig.send(7, 3);
  await rig.pass(120);
  rig.complete(7);
  await rig.pass(160);
  assertEquals(rig.watchdog.verdict, undefined, "the second task has run 160 ms");
  await rig.pass(60);
  const { ids, error, ms = 0 } = await rig.untilVerdict();
  assertEquals(ids, [8]);
  assertEquals(error, {
    message: "it ran longer than the timeout of 0.2 s and was killed",
    type: "Timeout",
    class: "timeout",
  });
  assert(ms > TIMEOUT && ms <= 220, `${ms} ms`);
  assertEquals(rig.kills, 1);
  await rig.pass(40);
  assertEquals(rig.kills, 1, "it is killed once");
});

Deno.test("Watchdog charges each of several tasks that run", async () => {
  using rig = new Rig({ timeout: TIMEOUT, concurrency: 2 });
  rig.send(0, 1);
  await rig.pass(100);
  rig.send(1, 2);
  await rig.pass(120);
  assertEquals(
    (await rig.untilVerdict()).ids,
    [0],
    "the second one has run 120 ms, the third waits",
  );
});

Deno.test("Watchdog charges no task with the time before the worker is ready", async () => {
  using rig = new Rig({ timeout: TIMEOUT });
  rig.inFlight.push(TaskBatch.of(new TextEncoder().encode("7\n"), 1, 0));
  rig.watchdog.track(rig.inFlight);
  await rig.pass(300);
  rig.watchdog.track(rig.inFlight, { isReady: true });
  await checks();
  assertEquals(rig.watchdog.verdict, undefined);
});

Deno.test("Watchdog.pauseWhile() stops the clock while downstream waits", async () => {
  using rig = new Rig({ timeout: TIMEOUT });
  rig.send(0, 1);
  await rig.pass(100);
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const pauses = Promise.all(
    [first, second].map(({ promise }) => rig.watchdog.pauseWhile(promise)),
  );
  rig.now += 5000;
  first.resolve();
  await checks();
  assertEquals(rig.watchdog.verdict, undefined, "one of two still waits");
  rig.now += 5000;
  await checks();
  second.resolve();
  await pauses;
  await checks();
  assertEquals(rig.watchdog.verdict, undefined, "the task has run 100 ms");
  await rig.pass(140);
  assertEquals((await rig.untilVerdict()).ids, [0]);
});

Deno.test("Watchdog.pauseWhile() stops the clock for output only when its reader stops", async () => {
  using rig = new Rig({ timeout: TIMEOUT });
  rig.send(0, 1);
  const stopped = Promise.withResolvers<void>(),
    pause = rig.watchdog.pauseWhile(stopped.promise, 50);
  await checks();
  rig.now += 5000;
  await checks();
  assertEquals(rig.watchdog.verdict, undefined, "the reader has stopped");
  stopped.resolve();
  await pause;
  for (let ms = 0; ms < TIMEOUT + 40; ms += 20) {
    const written = Promise.withResolvers<void>();
    const waits = [written.promise, rig.watchdog.pauseWhile(written.promise, 5000)];
    await rig.pass(20);
    written.resolve();
    await Promise.all(waits);
  }
  assertEquals((await rig.untilVerdict()).ids, [0], "a task that writes uses its time");
});

Deno.test("Watchdog charges the time in which this process records output of the worker", async () => {
  using rig = new Rig({ timeout: TIMEOUT });
  rig.send(0, 1);
  const written = Promise.withResolvers<void>();
  const wait = rig.watchdog.pauseWhile(written.promise, 1000);
  // The next check is late, because this process has been busy with the output.
  rig.now += TIMEOUT + 20;
  written.resolve();
  await wait;
  assertEquals((await rig.untilVerdict()).ids, [0]);
});

Deno.test("Watchdog charges no task with the time in which this process was suspended", async () => {
  using rig = new Rig({ timeout: TIMEOUT });
  rig.send(0, 1);
  // The time jumps, as after the sleep of the machine.
  rig.now += 60_000;
  await checks();
  assertEquals(rig.watchdog.verdict, undefined);
});

Deno.test("Watchdog ends a worker that takes more memory than its limit", async () => {
  using rig = new Rig({ memory: 1_000_000 });
  rig.send(3, 2);
  const { ids, error } = await rig.untilVerdict();
  assertEquals(ids, [3]);
  assertEquals([error.type, error.class], ["OutOfMemory", "oom"]);
  assertMatch(
    error.message,
    /^its worker used \d+ MB of memory, more than the limit of 1 MB, and was killed$/,
  );
  assertEquals(rig.kills, 1);
});

Deno.test("Watchdog does not end a worker within its limits", async () => {
  using rig = new Rig({ memory: 1e12, timeout: TIMEOUT });
  rig.send(0, 1);
  await rig.pass(60);
  assertEquals([rig.watchdog.verdict, rig.kills], [undefined, 0]);
});

Deno.test("Watchdog asks a late task to end, and kills the worker after the time for that", async () => {
  const canceled: number[] = [];
  const cancel = (id: number) => {
    canceled.push(id);
    return 300;
  };
  using rig = new Rig({ timeout: TIMEOUT, cancel });
  rig.send(0, 2);
  await rig.pass(TIMEOUT + 40);
  assertEquals([canceled, rig.kills, rig.watchdog.late.size], [[0], 0, 1]);
  rig.complete(0);
  assertEquals(rig.watchdog.late.take(task(0))?.event.error.class, "timeout");
  // The next task has its own time.
  await rig.pass(TIMEOUT + 40);
  assertEquals([canceled, rig.kills], [[0, 1], 0]);
  await rig.pass(300);
  const { ids, error } = await rig.untilVerdict();
  assertEquals([ids, rig.kills], [[1], 1]);
  assertEquals(error.message, "it ran longer than the timeout of 0.2 s and was killed");
});

const task = (id: number) => ({ id, attempt: 1, args: new Uint8Array(1) });

Deno.test("Watchdog.setLimits() changes the limit of a task that runs", async () => {
  using rig = new Rig({ timeout: TIMEOUT });
  rig.send(0, 1);
  await rig.pass(120);
  rig.watchdog.setLimits({ timeout: 300 });
  await rig.pass(140);
  assertEquals(rig.watchdog.verdict, undefined, "it has run 260 ms");
  rig.watchdog.setLimits({ timeout: undefined });
  await rig.pass(200);
  assertEquals(rig.watchdog.verdict, undefined, "it has no limit");
  rig.watchdog.setLimits({ timeout: TIMEOUT });
  await rig.pass(40);
  assertEquals((await rig.untilVerdict()).ids, [0]);
});

Deno.test("Watchdog counts the time that a task has run before the first limit", async () => {
  using rig = new Rig();
  rig.send(0, 1);
  rig.now = 10_000;
  rig.watchdog.setLimits({ timeout: TIMEOUT });
  rig.watchdog.track(rig.inFlight, { ran: (id) => id === 0 ? 150 : 0 });
  await rig.pass(20);
  assertEquals(rig.watchdog.verdict, undefined, "it has run 170 ms");
  await rig.pass(60);
  const { ids, ms = 0 } = await rig.untilVerdict();
  assertEquals([ids, ms >= TIMEOUT && ms < 300], [[0], true]);
});

Deno.test("Watchdog waits for the description of a late task before it cancels or kills it", async () => {
  const told = Promise.withResolvers<string>(), calls: unknown[] = [];
  using rig = new Rig({
    timeout: TIMEOUT,
    explain: (id, ms) => {
      calls.push(["explain", id, ms > TIMEOUT]);
      return told.promise;
    },
    cancel: (id) => {
      calls.push(["cancel", id]);
      return 0;
    },
  });
  rig.send(7, 1);
  await rig.pass(400);
  assertEquals([calls, rig.kills], [[["explain", 7, true]], 0]);
  told.resolve("It was waiting");
  const { error: { stack } } = await rig.untilVerdict();
  assertEquals([calls.at(-1), stack, rig.kills], [["cancel", 7], "It was waiting", 1]);
});
