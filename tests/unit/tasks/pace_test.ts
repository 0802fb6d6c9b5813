import { attemptFailed, NO_EVENTS, successLine } from "../../../lib/journal/format.ts";
import { AutoLimit } from "../../../lib/tasks/auto_limit.ts";
import { Pace } from "../../../lib/tasks/pace.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const TASK = { id: 0, args: new TextEncoder().encode("0") };
const taskOf = (key: string, id = 0) => ({ id, args: new TextEncoder().encode(key) });
const textOf = ({ args }: { readonly args: Uint8Array }) => new TextDecoder().decode(args);

/** A pace whose clock a test moves. Its timer ends with the test. */
class Rig implements Disposable {
  now = 0;
  readonly pace = new Pace(() => this.now);
  #end = this.pace.watch(() => {});

  /** Notes that tasks have succeeded, without their ids. */
  succeed(succeeded: number): void {
    this.pace.ended({ ...NO_EVENTS, succeeded });
  }

  /** Returns the number of tasks that begin in a time, of `most` that are asked for each step. */
  begin(ms: number, most = 100): number {
    let count = 0;
    for (const end = this.now + ms; this.now < end; this.now++) count += this.pace.grant(most);
    return count;
  }

  [Symbol.dispose](): void {
    this.#end();
  }
}

Deno.test("Pace lets tasks begin at their rate, with a burst after a pause", () => {
  using rig = new Rig();
  rig.pace.setRates({ "": "50/s" }, () => textOf);
  const first = rig.begin(10_000);
  assert(first >= 500 && first <= 502, `${first} tasks`);
  rig.now += 5000;
  assert(rig.pace.grant(100) <= 2, "no burst");
  rig.pace.setRates({ "": "10/s burst 5" }, () => textOf);
  rig.now += 5000;
  assertEquals(rig.pace.grant(100), 5);
  rig.pace.setRates({}, () => textOf);
  assertEquals([rig.pace.isActive, rig.pace.isPerTask], [false, false]);
});

Deno.test("Pace has a rate for each key, and one for all", () => {
  using rig = new Rig();
  rig.pace.setRates({ "": "100/s burst 3", "{}": "1/s" }, () => textOf);
  const begun = ["a", "a", "b", "c", "d"].map((key) => rig.pace.begin(taskOf(key)));
  assertEquals(begun, [true, false, true, true, false]);
  rig.now += 1000;
  assertEquals(["a", "a", "d"].map((key) => rig.pace.begin(taskOf(key))), [true, false, true]);
});

Deno.test("Pace lets a number of tasks of each key run at a time, and of all", () => {
  using rig = new Rig();
  rig.pace.setRates({ "": "3 at a time", "{}": "2 at a time" }, () => textOf);
  const begin = (...ids: readonly number[]) =>
    ids.map((id) => rig.pace.begin(taskOf("aaab"[id % 4]!, id)));
  assertEquals(begin(0, 1, 2, 3, 7), [true, true, false, true, false]);
  assertEquals(rig.pace.isOpen(), false);
  const line = new TextEncoder().encode(`${successLine(3, 1, 1, "1")}\n`);
  rig.pace.ended({ ...NO_EVENTS, lines: line, succeeded: 1 });
  assertEquals([rig.pace.isOpen(), ...begin(2, 7)], [true, false, true]);
  const failure = attemptFailed({ ...taskOf("a", 0), attempt: 1 }, {
    type: "RateLimited",
    message: "no",
    class: "limited",
  });
  rig.pace.ended({ ...NO_EVENTS, failures: [failure] });
  assertEquals(begin(2, 4), [true, false]);
  // Worker 1 has died: its task may begin again, or another one.
  assertEquals(begin(1, 5), [true, false]);
  rig.pace.returned([taskOf("a", 1)]);
  assertEquals(begin(5, 1), [true, false]);
});

Deno.test("Pace counts tasks that an earlier process has begun, and keeps counts for a new rate", () => {
  using rig = new Rig();
  rig.pace.adopt([TASK]);
  rig.pace.setRates({ "{}": "2 at a time" }, () => textOf);
  rig.pace.adopt([taskOf("a", 1)]);
  const begin = (...ids: readonly number[]) => ids.map((id) => rig.pace.begin(taskOf("a", id)));
  assertEquals(begin(2, 3), [true, false]);
  rig.pace.setRates({ "{}": "1000/s 3 at a time" }, () => textOf);
  assertEquals(begin(3, 4), [true, false]);
  rig.pace.setRates({ "{}": "1000/s" }, () => textOf);
  rig.now += 1;
  assertEquals(begin(4, 5), [true, false]);
});

Deno.test("Pace.begunLate() lets the next tasks wait for those that begin late", () => {
  using rig = new Rig();
  rig.pace.setRates({ "": "100/s burst 3" }, () => textOf);
  assertEquals(rig.pace.grant(100), 3);
  rig.now += 5000;
  rig.pace.begunLate([TASK, TASK, TASK]);
  assertEquals(rig.pace.grant(100), 0);
  rig.now += 10;
  assertEquals(rig.pace.grant(100), 1);
  rig.pace.setRates({ "{host}": "1/s" }, () => textOf);
  rig.pace.begunLate([taskOf("a")]);
  assertEquals([rig.pace.begin(taskOf("a")), rig.pace.begin(taskOf("b"))], [false, true]);
});

Deno.test("Pace.setRates() ends the wait for a task at a slower rate", () => {
  using rig = new Rig();
  const next: Readonly<Record<string, string>>[] = [{ "": "10/s" }, { "{host}": "1/s" }];
  for (const rates of next) {
    rig.pace.setRates({ "": "1/h" }, () => textOf);
    rig.now += 3_600_000;
    assertEquals(rig.pace.grant(100), 1);
    rig.pace.setRates(rates, () => textOf);
    rig.now += 100;
    assertEquals(rig.pace.begin(TASK), true);
  }
});

Deno.test("Pace.limited() makes the tasks of a key wait, and doubles a wait without a time", () => {
  using rig = new Rig();
  const waits = [1, 2, 3].map(() => {
    const wait = rig.pace.limited(TASK, undefined);
    rig.now += wait;
    return wait;
  });
  assertEquals(waits, [1000, 2000, 4000]);
  assertEquals(rig.pace.isActive, true);
  rig.succeed(1);
  assertEquals(rig.pace.limited(TASK, undefined), 1000);
  assertEquals([rig.pace.grant(1), rig.pace.limited(TASK, 300)], [0, 300]);
  rig.now += 1000;
  assertEquals(rig.pace.grant(1), 1);
  rig.now += 61_000;
  assertEquals(rig.pace.isActive, false);
  rig.pace.setRates({ "{}": "9/s" }, () => textOf);
  rig.pace.limited(taskOf("a"), 5000);
  assertEquals(["a", "b"].map((key) => rig.pace.begin(taskOf(key))), [false, true]);
});

Deno.test("Pace.limited() doubles the wait of a key with a rate, until a minute has no limit", () => {
  using rig = new Rig();
  rig.pace.setRates({ "{}": "5/s" }, () => textOf);
  const waitOf = () => {
    assert(rig.pace.begin(TASK), "blocked");
    rig.now += 50;
    const wait = rig.pace.limited(TASK, undefined);
    rig.now += wait;
    return wait;
  };
  assertEquals([waitOf(), waitOf(), waitOf()], [1000, 2000, 4000]);
  rig.now += 61_000;
  assertEquals(waitOf(), 1000);
});

Deno.test("Pace.limited() does not begin at once when a service names a time that is over", () => {
  using rig = new Rig();
  assertEquals(rig.pace.limited(TASK, 0), 1000);
});

Deno.test("Pace.limited() keeps the longest time that a service has named", () => {
  using rig = new Rig();
  rig.pace.limited(TASK, 3_600_000);
  rig.pace.limited(TASK, 1000);
  rig.now += 300_000;
  assertEquals([rig.pace.isActive, rig.pace.grant(1)], [true, 0]);
});

Deno.test("Pace.setRates() keeps the waits of keys and the rate that adapts", () => {
  using rig = new Rig();
  const rates = { "{}": "9/s" };
  rig.pace.setRates(rates, () => textOf);
  rig.pace.limited(TASK, 5000);
  rig.pace.setRates(rates, () => textOf);
  assertEquals([rig.pace.begin(TASK), rig.pace.begin(taskOf("b"))], [false, true]);
  const auto = rig.pace.auto = new AutoLimit(8);
  for (let i = 0; i < 8; i++) rig.succeed(1);
  rig.pace.limited(TASK, 1000);
  rig.pace.setRates({}, () => textOf);
  rig.now += 1000;
  assert(auto.rate !== undefined && rig.pace.grant(8) === 1, "no rate");
});

Deno.test("Pace.untilFree() leaves no listeners at its signals", async () => {
  using rig = new Rig();
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal),
    remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
  signal.removeEventListener = (...args: Parameters<typeof add>) => (listeners--, remove(...args));
  rig.pace.isPaused = true;
  const free = rig.pace.untilFree(TASK, [signal]);
  rig.pace.isPaused = false;
  await free;
  assertEquals(listeners, 0);
});

/** Ways in which services count 50 requests a second. */
const SERVICES: Readonly<Record<string, () => (now: number) => boolean>> = {
  window: () => {
    let start = 0, count = 0;
    return (now) => {
      if (now - start >= 1000) [start, count] = [now, 0];
      return ++count <= 50;
    };
  },
  sliding: () => {
    const times: number[] = [];
    return (now) => {
      while (times.length > 0 && times[0]! <= now - 1000) times.shift();
      return times.length < 50 && times.push(now) > 0;
    };
  },
  bucket: () => bucket(50),
  "small bucket": () => bucket(5),
};

function bucket(most: number): (now: number) => boolean {
  let tokens = most, last = 0;
  return (now) => {
    tokens = Math.min(most, tokens + (now - last) * 0.05);
    last = now;
    return tokens >= 1 && tokens-- > 0;
  };
}

/** Returns the time of 2,000 tasks, each of which takes 20 ms of a service. */
function play(rig: Rig, isAllowed: (now: number) => boolean): number {
  let left = 2000;
  const running: { readonly end: number; readonly isOk: boolean }[] = [];
  for (let begun = 0; left > 0; rig.now++) {
    while (running[0] && running[0].end <= rig.now) {
      const { isOk } = running.shift()!;
      begun--;
      if (!isOk) rig.pace.limited(TASK, 1000);
      else {
        rig.succeed(1);
        left--;
      }
    }
    const count = rig.pace.grant(Math.min(32 - begun, left - begun));
    begun += count;
    for (let i = 0; i < count; i++) running.push({ end: rig.now + 20, isOk: isAllowed(rig.now) });
    assert(rig.now < 200_000, `${left} tasks are left`);
  }
  return rig.now;
}

Deno.test("Pace ends within 1.15 of the ideal time with a rate, and 1.5 with auto", async (t) => {
  for (const [name, service] of Object.entries(SERVICES)) {
    await t.step(name, () => {
      using rated = new Rig(), auto = new Rig();
      rated.pace.setRates({ "": "50/s" }, () => textOf);
      auto.pace.auto = new AutoLimit(Infinity);
      const times = [play(rated, service()), play(auto, service())];
      assert(times[0]! < 1.15 * 40_000 && times[1]! < 1.5 * 40_000, `${times} ms`);
    });
  }
});

Deno.test("AutoLimit grows while a service answers, and shrinks when tasks take longer", () => {
  using rig = new Rig();
  const auto = rig.pace.auto = new AutoLimit(64);
  const run = (ms: (running: number) => number, count: number) => {
    let begun = 0;
    const running: number[] = [];
    for (let ended = 0; ended < count; rig.now++) {
      const over = running.filter((end) => end <= rig.now);
      if (over.length > 0) rig.succeed(over.length);
      ended += over.length;
      running.splice(0, Infinity, ...running.filter((end) => end > rig.now));
      begun = rig.pace.grant(64);
      for (let i = 0; i < begun; i++) running.push(rig.now + ms(running.length));
    }
    rig.pace.returned(running.map(() => TASK));
  };
  run(() => 50, 2000);
  assertEquals(auto.limit, 64);
  // The service runs eight at a time, so more of them only wait.
  run((running) => 50 * Math.max(1, running / 8), 3000);
  assert(auto.limit < 40, `${auto.limit}`);
  const before = auto.limit;
  auto.begun(rig.now);
  rig.pace.ended({
    ...NO_EVENTS,
    failures: [
      attemptFailed({ ...TASK, attempt: 1 }, {
        type: "TimeoutError",
        message: "slow",
        class: "timeout",
      }),
    ],
  });
  assertEquals(auto.limit, Math.floor(before / 2));
});
