import { Scheduler } from "../../../../lib/engines/batch/scheduler.ts";
import type { Engine, EngineContext } from "../../../../lib/engines/engine.ts";
import { type EventBatch, NO_EVENTS, successLine } from "../../../../lib/journal/format.ts";
import { parseEvents } from "../../../../lib/journal/scan.ts";
import { TaskBatch } from "../../../../lib/tasks/batch.ts";
import { Pace } from "../../../../lib/tasks/pace.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { type Folder, makeFolder } from "../../../../tools/support/files.ts";
import { until, within } from "../../../../tools/support/until.ts";
import { assert, assertEquals, assertRejects } from "../../../support/assert.ts";
import { processEngine } from "../../../support/process_backend.ts";
import { ProcessSystem } from "../../../support/process_system.ts";

/** An engine in this process that counts its calls, and holds tasks until a test lets them run. */
class Calls {
  /** The ids of the tasks that were called, in order. */
  readonly ids: number[] = [];
  #held: (id: number) => boolean;

  /** @param held returns true for tasks that wait */
  constructor(held: (id: number) => boolean = () => false) {
    this.#held = held;
  }

  /** Lets all tasks run. */
  release(): void {
    this.#held = () => false;
  }

  get engine(): Engine {
    // deno-lint-ignore no-this-alias -- a generator has no arrow form
    const calls = this;
    return {
      name: "calls",
      async *run(tasks, { stop, signal }) {
        for await (const batch of tasks) {
          for (const { id, attempt } of batch) {
            if (stop.aborted || signal.aborted) return;
            calls.ids.push(id);
            while (calls.#held(id) && !signal.aborted) await pause();
            if (signal.aborted) return;
            yield success(id, attempt);
            await pause();
          }
        }
      },
    };
  }
}

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 1));

function success(id: number, attempt: number): EventBatch {
  const encode = (text: string) => new TextEncoder().encode(`${text}\n`);
  const lines = encode(successLine(id, attempt, 0, `${id}`));
  return { ...NO_EVENTS, lines, results: encode(`${id}`), succeeded: 1 };
}

async function* listOf(count: number): AsyncGenerator<TaskBatch> {
  yield TaskBatch.of(new TextEncoder().encode("0\n".repeat(count)), count, 0);
}

/** Returns the context of a job, and the messages to it. */
/** Yields two tasks, and two more once a promise resolves. */
async function* inTwoParts(late: Promise<void>): AsyncGenerator<TaskBatch> {
  yield* listOf(2);
  await late;
  yield TaskBatch.of(new TextEncoder().encode("0\n0\n"), 2, 2);
}

function contextOf(folder: Folder, more: Partial<EngineContext> = {}) {
  const never = new AbortController().signal, told: string[] = [];
  const context: EngineContext = {
    job: "a job",
    folder: folder.path,
    files: `${folder.path}/files`,
    grace: 0,
    bundle: "",
    concurrency: 1,
    env: {},
    permissions: [],
    cpus: 1,
    gpus: 0,
    image: "",
    settings: {},
    warn: (text) => told.push(text),
    stop: never,
    signal: never,
    ...more,
  };
  return { context, told };
}

/** The events of a run: the ids of the tasks that succeeded, and of those that were lost. */
class Seen {
  readonly succeeded: number[] = [];
  readonly lost: number[] = [];

  add({ lines, failures }: EventBatch): void {
    this.succeeded.push(...parseEvents(new TextDecoder().decode(lines)).map(({ id }) => id));
    this.lost.push(...failures.map(({ event }) => event.id));
  }

  static async of(events: AsyncIterable<EventBatch>): Promise<Seen> {
    const seen = new Seen();
    for await (const batch of events) seen.add(batch);
    return seen;
  }

  /** All ids in order. */
  get all(): number[] {
    return [...this.succeeded, ...this.lost].sort((a, b) => a - b);
  }
}

const upTo = (count: number) => Array.from({ length: count }, (_, id) => id);

function test(claim: string, fn: (folder: Folder) => Promise<void>): void {
  Deno.test(`Scheduler ${claim}`, async () => {
    await using folder = await makeFolder();
    await within(fn(folder), claim);
  });
}

test("submits a list as slices, and removes its records at the end", async (folder) => {
  const system = new ProcessSystem(new Calls().engine), engine = processEngine(system);
  const seen = await Seen.of(engine.run(listOf(10), contextOf(folder).context));
  assertEquals([seen.all, seen.lost], [upTo(10), []]);
  assertEquals(
    [...system.runs.keys()],
    ["0_0", "0_1"].map((it) => `${folder.path}/processes/${it}`),
  );
  assertEquals([...Deno.readDirSync(folder.path)].length, 0);
});

test("yields the events of a part that still runs", async (folder) => {
  const calls = new Calls((id) => id === 4), system = new ProcessSystem(calls.engine);
  const seen = new Seen();
  for await (const batch of processEngine(system).run(listOf(10), contextOf(folder).context)) {
    seen.add(batch);
    if (seen.all.length === 9) calls.release();
  }
  assertEquals([seen.all, seen.succeeded.at(-1)], [upTo(10), 4]);
});

test("charges the task of a part that dies, and runs the others again", async (folder) => {
  const calls = new Calls((id) => id === 2), system = new ProcessSystem(calls.engine);
  const running = Seen.of(processEngine(system).run(listOf(10), contextOf(folder).context));
  await until(() => calls.ids.includes(2), "the task runs");
  await pause();
  await system.runs.values().next().value!.kill();
  const seen = await running;
  assertEquals([seen.all, seen.lost], [upTo(10), [2]]);
  assertEquals(calls.ids.toSorted((a, b) => a - b), upTo(10));
});

test("resubmits slices that were refused for now, in smaller submissions when the system is full", async (folder) => {
  const system = new ProcessSystem(new Calls().engine), { context, told } = contextOf(folder);
  const message = "too many", waitMs = 1;
  system.refusals.push({ kind: "changed", message }, { kind: "full", message, waitMs });
  const seen = await Seen.of(processEngine(system).run(listOf(10), context));
  assertEquals(seen.succeeded.toSorted((a, b) => a - b), upTo(10));
  assertEquals(told, ["Waiting for the system to accept more: too many"]);
  // Two slices were refused, so each submission has one.
  assertEquals([...system.runs.keys()], [`${folder.path}/processes/0_0`]);
});

test("submits half of the slices at once when the system is full and runs none of them", async (folder) => {
  const system = new ProcessSystem(new Calls().engine), { context } = contextOf(folder);
  system.refusals.push({ kind: "full", message: "too many" });
  const running = Seen.of(processEngine(system).run(listOf(10), context));
  // A full system is otherwise asked again after half a minute.
  assertEquals((await within(running, "all tasks end", 20_000)).all.length, 10);
});

test("submits more at once when its own parts, which filled the system, have ended", async (folder) => {
  const calls = new Calls((id) => id < 2), system = new ProcessSystem(calls.engine);
  const { context } = contextOf(folder), late = Promise.withResolvers<void>();
  const running = Seen.of(processEngine(system).run(inTwoParts(late.promise), context));
  await until(() => calls.ids.length === 2, "both parts run");
  system.refusals.push({ kind: "full", message: "too many" });
  late.resolve();
  await until(() => system.refusals.length === 0, "it has asked");
  calls.release();
  // A system that others fill is asked again after half a minute.
  assertEquals((await within(running, "all tasks end", 20_000)).all, upTo(4));
});

for (const kind of ["invalid", "busy"] as const) {
  test(`ends a job whose first submission is ${kind}`, async (folder) => {
    const system = new ProcessSystem(new Calls().engine);
    system.refusals.push({ kind, message: "not today" });
    const events = processEngine(system).run(listOf(1), contextOf(folder).context);
    const error = await assertRejects(() => Seen.of(events), UsageError);
    assertEquals(error.message, "Cannot submit to the system: not today");
  });
}

test("does not end parts under way when a later submission is invalid", async (folder) => {
  const calls = new Calls((id) => id < 2), system = new ProcessSystem(calls.engine);
  const { context, told } = contextOf(folder), late = Promise.withResolvers<void>();
  const running = Seen.of(processEngine(system).run(inTwoParts(late.promise), context));
  await until(() => calls.ids.length === 2, "both parts run");
  const invalid = { kind: "invalid", message: "not now", waitMs: 1 } as const;
  system.refusals.push(...Array.from({ length: 5 }, () => invalid));
  late.resolve();
  await until(() => system.refusals.length === 0, "it has asked five times");
  calls.release();
  const seen = await running;
  assertEquals([seen.all, seen.lost], [upTo(4), []]);
  assertEquals(told, ["Waiting for the system to accept more: not now"]);
});

test("ends when three later submissions in a row are invalid, and no part is under way", async (folder) => {
  const system = new ProcessSystem(new Calls().engine), { context } = contextOf(folder);
  const isDone = Promise.withResolvers<void>();
  async function* list() {
    yield* listOf(2);
    await isDone.promise;
    yield TaskBatch.of(new TextEncoder().encode("0\n0\n"), 2, 2);
  }
  const seen = new Seen();
  const error = await assertRejects(async () => {
    for await (const batch of processEngine(system).run(list(), context)) {
      seen.add(batch);
      if (seen.all.length < 2) continue;
      const invalid = { kind: "invalid", message: "not now", waitMs: 1 } as const;
      system.refusals.push(invalid, invalid, invalid);
      isDone.resolve();
    }
  }, UsageError);
  assertEquals(error.message, "Cannot submit to the system: not now");
  assertEquals([seen.all, system.refusals], [upTo(2), []]);
});

test("starts nothing more after a stop, and collects the running parts", async (folder) => {
  const calls = new Calls(() => true), stop = new AbortController();
  const system = new ProcessSystem(calls.engine), late = Promise.withResolvers<void>();
  async function* list() {
    yield* listOf(10);
    await late.promise;
    yield TaskBatch.of(new TextEncoder().encode("0\n0\n"), 2, 10);
  }
  const { context } = contextOf(folder, { stop: stop.signal });
  const running = Seen.of(processEngine(system).run(list(), context));
  await until(() => calls.ids.length === 2, "both parts run");
  stop.abort();
  await until(() => system.runs.values().every(({ isStopping }) => isStopping), "they stop");
  late.resolve();
  await new Promise((resolve) => setTimeout(resolve, 1300));
  calls.release();
  const seen = await running;
  assertEquals([seen.all, seen.lost, calls.ids, system.runs.size], [[0, 5], [], [0, 5], 2]);
});

test("ends all parts on an abort, and charges no task", async (folder) => {
  const calls = new Calls(() => true), end = new AbortController();
  const system = new ProcessSystem(calls.engine);
  const { context } = contextOf(folder, { signal: end.signal });
  const running = Seen.of(processEngine(system).run(listOf(10), context));
  await until(() => calls.ids.length === 2, "both parts run");
  end.abort();
  assertEquals((await running).all, []);
  assertEquals(system.runs.values().map(({ state }) => state).toArray(), ["killed", "killed"]);
});

/** Starts a job whose controller then dies without ending its parts. */
async function left(folder: Folder, system: ProcessSystem, count: number): Promise<Seen> {
  const { label, open } = processEngine(system) as unknown as Parameters<typeof Scheduler.begin>[0];
  const name = "process", { context } = contextOf(folder);
  const scheduler = await Scheduler.begin({ name, label, open }, listOf(count), context);
  const seen = new Seen(), events = scheduler.events();
  seen.add((await events.next()).value);
  return seen;
}

test("collects the parts of a former controller, and starts no task twice", async (folder) => {
  const calls = new Calls((id) => id >= 3 && id <= 7), system = new ProcessSystem(calls.engine);
  const former = await left(folder, system, 10);
  assertEquals(former.all.length, 1);
  calls.release();
  // The journal has one event, so the second controller's list is shorter.
  async function* rest() {
    for await (const batch of listOf(10)) {
      for (let i = 0; i < 10; i++) if (!former.all.includes(i)) yield batch.slice(i, i + 1);
    }
  }
  const seen = await Seen.of(processEngine(system).run(rest(), contextOf(folder).context));
  assertEquals([...former.all, ...seen.all].sort((a, b) => a - b), upTo(10));
  assertEquals([calls.ids.toSorted((a, b) => a - b), system.runs.size], [upTo(10), 2]);
});

test("ends the parts of a former controller on an abort before any task is read", async (folder) => {
  const calls = new Calls((id) => id > 0), system = new ProcessSystem(calls.engine);
  await left(folder, system, 10);
  const end = new AbortController(), never = new Promise<never>(() => {});
  const list = { [Symbol.asyncIterator]: () => ({ next: () => never }) };
  const { context } = contextOf(folder, { signal: end.signal });
  const running = Seen.of(processEngine(system).run(list, context));
  await pause();
  end.abort();
  assertEquals((await running).all, []);
  assertEquals(system.runs.values().map(({ state }) => state).toArray(), ["killed", "killed"]);
});

test("submits the tasks of a former submission that never arrived", async (folder) => {
  const calls = new Calls(), system = new ProcessSystem(calls.engine);
  await left(folder, system, 4);
  await Promise.all(system.runs.values().map(({ done }) => done));
  system.runs.clear();
  const seen = await Seen.of(processEngine(system).run(listOf(4), contextOf(folder).context));
  assertEquals([seen.all, seen.lost], [upTo(4), []]);
});

test("ends when the job is canceled from elsewhere", async (folder) => {
  const calls = new Calls(() => true), engine = processEngine(new ProcessSystem(calls.engine));
  const running = Seen.of(engine.run(listOf(4), contextOf(folder).context));
  // Keeps the rejection from being reported before it is awaited.
  running.catch(() => {});
  await until(() => calls.ids.length === 2, "both parts run");
  await engine.cancel!(folder.path);
  const error = await assertRejects(() => running, UsageError);
  assertEquals([error.code, error.message], [
    "interrupted",
    "Cannot continue the job: another process canceled it, run dl_jobs resume to run the rest",
  ]);
});

test("collects events, submits more and ends while a poll has no answer", async (folder) => {
  const system = new ProcessSystem(new Calls().engine);
  let asked = 0, isEnded = false;
  system.slowAnswer = (signal) => {
    asked++;
    const { promise, resolve } = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => resolve(void (isEnded = true)));
    return promise;
  };
  const seen = await Seen.of(processEngine(system).run(listOf(10), contextOf(folder).context));
  assertEquals([seen.all, seen.lost, asked, isEnded], [upTo(10), [], 1, true]);
});

/** Returns a system whose second submission begins when two tasks run, and has no answer. */
function hangingSystem(calls: Calls) {
  const system = new ProcessSystem(calls.engine);
  const begun = Promise.withResolvers<void>(), answer = Promise.withResolvers<void>();
  system.slowAnswer = () => Promise.resolve();
  system.slowSubmission = () => {
    begun.resolve();
    return answer.promise;
  };
  async function* list() {
    yield* listOf(2);
    await until(() => calls.ids.length === 2, "both parts run");
    yield TaskBatch.of(new TextEncoder().encode("0\n0\n"), 2, 2);
  }
  return { system, list, begun: begun.promise, answer };
}

test("collects events while a submission has no answer", async (folder) => {
  const calls = new Calls((id) => id < 2), { system, list, begun, answer } = hangingSystem(calls);
  const seen = new Seen();
  begun.then(() => calls.release());
  for await (const batch of processEngine(system).run(list(), contextOf(folder).context)) {
    seen.add(batch);
    if (seen.all.length === 2) answer.resolve();
  }
  assertEquals([seen.all, seen.lost, calls.ids.length], [upTo(4), [], 4]);
});

test("collects events while a change of parts under way has no answer", async (folder) => {
  const calls = new Calls((id) => id > 0), system = new ProcessSystem(calls.engine);
  await left(folder, system, 10);
  const answer = Promise.withResolvers<void>();
  system.slowAnswer = () => Promise.resolve();
  // The parts of a former controller may have other options.
  system.slowChange = () => answer.promise;
  calls.release();
  const seen = new Seen();
  for await (const batch of processEngine(system).run(listOf(10), contextOf(folder).context)) {
    seen.add(batch);
    answer.resolve();
  }
  assertEquals([seen.all, calls.ids.length], [upTo(10), 10]);
});

test("ends with the error of a submission that is answered late", async (folder) => {
  const calls = new Calls((id) => id < 2), { system, list, begun, answer } = hangingSystem(calls);
  const seen = new Seen();
  begun.then(() => calls.release());
  const error = await assertRejects(async () => {
    for await (const batch of processEngine(system).run(list(), contextOf(folder).context)) {
      seen.add(batch);
      if (seen.all.length === 2) setTimeout(() => answer.reject(new UsageError("no space")), 50);
    }
  }, UsageError);
  assertEquals([error.message, seen.all], ["no space", [0, 1]]);
});

test("on an abort, ends running parts before the answer to a submission, and its parts after it", async (folder) => {
  const calls = new Calls(() => true), { system, list, begun, answer } = hangingSystem(calls);
  const end = new AbortController(), { context } = contextOf(folder, { signal: end.signal });
  const running = Seen.of(processEngine(system).run(list(), context));
  await begun;
  end.abort();
  const states = () => system.runs.values().map(({ state }) => state).toArray();
  await until(() => states().join() === "killed,killed", "the running parts end");
  answer.resolve();
  assertEquals((await running).all, []);
  assertEquals(states(), ["killed", "killed", "killed", "killed"]);
});

test("stops running parts before the answer to a submission, and its parts after it", async (folder) => {
  const calls = new Calls(() => true), { system, list, begun, answer } = hangingSystem(calls);
  const stop = new AbortController(), { context } = contextOf(folder, { stop: stop.signal });
  const running = Seen.of(processEngine(system).run(list(), context));
  await begun;
  stop.abort();
  const stopped = () => system.runs.values().filter(({ isStopping }) => isStopping).toArray();
  await until(() => stopped().length === 2, "the running parts stop");
  answer.resolve();
  await until(() => stopped().length === 4, "the parts of the submission stop");
  calls.release();
  assertEquals((await running).all.slice(0, 2), [0, 1]);
});

test("collects events while a stop has no answer, and ends after it", async (folder) => {
  const calls = new Calls(() => true), system = new ProcessSystem(calls.engine);
  const stop = new AbortController(), answer = Promise.withResolvers<void>();
  system.slowAnswer = () => Promise.resolve();
  system.slowStop = () => answer.promise;
  const { context } = contextOf(folder, { stop: stop.signal }), seen = new Seen();
  until(() => calls.ids.length === 2, "both parts run").then(() => {
    stop.abort();
    calls.release();
  });
  for await (const batch of processEngine(system).run(listOf(10), context)) {
    seen.add(batch);
    if (seen.all.length === 2) answer.resolve();
  }
  assertEquals(seen.all, [0, 5]);
});

test("changes running parts before the answer to a submission, and its parts after it", async (folder) => {
  const calls = new Calls(() => true), { system, list, begun, answer } = hangingSystem(calls);
  const pace = new Pace(), { context } = contextOf(folder, { pace });
  let changes = 0;
  system.slowChange = () => Promise.resolve(void changes++);
  const running = Seen.of(processEngine(system).run(list(), context));
  await begun;
  const before = changes;
  pace.isPaused = true;
  await until(() => changes === before + 1, "the running parts change");
  answer.resolve();
  await until(() => changes === before + 2, "the parts of the submission change");
  pace.isPaused = false;
  calls.release();
  assertEquals((await running).all, upTo(4));
});

test("ends with the error of a poll that is answered late", async (folder) => {
  const system = new ProcessSystem(new Calls(() => true).engine);
  system.slowAnswer = async () => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    throw new UsageError("Cannot run: no node is large enough");
  };
  const events = processEngine(system).run(listOf(4), contextOf(folder).context);
  const error = await assertRejects(() => Seen.of(events), UsageError);
  assertEquals(error.message, "Cannot run: no node is large enough");
});

test("ends a job whose parts cannot start", async (folder) => {
  const dead: Engine = { name: "dead", async *run() {} };
  const events = processEngine(new ProcessSystem(dead)).run(listOf(4), contextOf(folder).context);
  const error = await assertRejects(() => Seen.of(events), UsageError);
  assert(/^Cannot run .* it started no task$/.test(error.message), error.message);
});

test("loses no task and doubles none while parts die", async (folder) => {
  const calls = new Calls(), system = new ProcessSystem(calls.engine);
  let isOver = false;
  const kill = async () => {
    for (let turn = 1; !isOver; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 40));
      const runs = system.runs.values().filter(({ state, count }) =>
        state === "running" && count > 3
      )
        .toArray();
      if (runs.length > 0) await runs[turn % runs.length]!.kill();
    }
  };
  const killing = kill();
  const seen = await Seen.of(processEngine(system).run(listOf(300), contextOf(folder).context));
  isOver = true;
  await killing;
  assertEquals(seen.all, upTo(300));
  assert(seen.lost.length > 0 && seen.lost.length < 100, `${seen.lost.length} are lost`);
});
