/**
 * The suite that every engine passes. A new engine adds a file with one line,
 * `testEngine("slurm", slurm)`, and a fake of what it speaks to.
 *
 * @module
 */

import type { Engine, EngineContext } from "../../lib/engines/engine.ts";
import type { TaskBatch } from "../../lib/tasks/batch.ts";
import { Attempts } from "../../lib/tasks/attempts.ts";
import { parsePolicy } from "../../lib/tasks/retry.ts";
import { toTasks } from "../../lib/tasks/source.ts";
import { exists } from "../../lib/util/fs.ts";
import { type Folder, makeFolder } from "../../tools/support/files.ts";
import { until, within } from "../../tools/support/until.ts";
import { assert, assertEquals, assertLess, assertMatch, assertRejects } from "./assert.ts";
import { Outcome, start } from "./engine_rig.ts";

/** The differences between engines. */
export interface EngineTraits {
  /** True when a worker can have several calls under way. @default {true} */
  readonly overlaps?: boolean;
  /** True when the output of tasks comes back as log lines. @default {true} */
  readonly hasLogs?: boolean;
  /** The largest number of tasks that are read and have no event. @default {100_000} */
  readonly readAhead?: number;
  /** The reason why the engine cannot run on this machine, if it cannot. */
  readonly whyNot?: string | undefined;
  /** The differences in the context of each run. @default {{}} */
  readonly context?: Partial<EngineContext>;
}

/** Registers the suite's tests for an engine. */
export function testEngine(name: string, engine: Engine, traits: EngineTraits = {}): void {
  const { overlaps = true, hasLogs = true, readAhead = 100_000, whyNot, context = {} } = traits;
  const skipped = whyNot ? ` (skipped: ${whyNot})` : "";

  const begin = (
    folder: Folder,
    target: Parameters<typeof start>[2],
    tasks: AsyncIterable<TaskBatch>,
    more: Partial<EngineContext> = {},
  ) => start(engine, folder, target, tasks, { ...context, ...more });

  const test = (claim: string, fn: (folder: Folder) => Promise<void>) =>
    Deno.test({
      name: `${name}: ${claim}${skipped}`,
      ignore: whyNot !== undefined,
      fn: async () => {
        await using folder = await makeFolder();
        await within(fn(folder), claim);
      },
    });

  test("yields one event for every task, in any order", async (folder) => {
    const list = Array.from({ length: 1000 }, (_, i) => i);
    const events = await begin(folder, (x: number) => x * 2, toTasks(list));
    const outcome = await Outcome.of(events);
    assertEquals(outcome.inOrder(), list.map((x) => x * 2));
    assertEquals(outcome.failures, []);
    assertEquals([...new Set(outcome.attempts.values())], [1]);
  });

  test("reports when each worker was busy, and with which tasks", async (folder) => {
    const slow = async (ms: number) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      if (ms === 1) throw new Error("too short");
    };
    const began = Date.now(), list = [120, 0, 0, 150, 1, 110, 0, 0];
    const { spans } = await Outcome.of(await begin(folder, slow, toTasks(list)));
    assertEquals(spans.reduce((sum, { count }) => sum + count, 0), list.length);
    assertEquals(spans.reduce((sum, { failed = 0 }) => sum + failed, 0), 1);
    const longest = Math.max(...spans.map(({ from, to }) => to - from));
    assert(longest >= 100, `the longest is ${longest} ms`);
    for (const [i, { worker, from, to, id }] of spans.entries()) {
      assert(from >= began && to >= from && to <= Date.now(), `${from} to ${to}`);
      assert(id in list, `there is no task ${id}`);
      const before = spans.slice(0, i).findLast((span) => span.worker === worker);
      if (before) assert(before.to <= from, `${worker} was busy twice at a time`);
    }
  });

  test("yields nothing for an empty list", async (folder) => {
    const events = await begin(folder, (x: number) => x, toTasks([]));
    assertEquals(await Array.fromAsync(events), []);
  });

  test("yields a failure with its task's line", async (folder) => {
    const raise = (x: number) => {
      if (x % 2 === 1) throw new RangeError(`${x} is odd`);
      return x;
    };
    const outcome = await Outcome.of(await begin(folder, raise, toTasks([0, 1, 2, 3])));
    assertEquals(outcome.inOrder(), [0, 2]);
    assertEquals(
      outcome.errors(),
      [1, 3].map((id) => ({
        ...{ id, attempt: 1, type: "failed", ms: 0 },
        error: { message: `${id} is odd`, type: "RangeError", class: "error" },
        args: `${id}`,
      })),
    );
  });

  test("takes a returned ERROR for a failure", async (folder) => {
    const returned = [{ ERROR: "no tile", type: "TileError", n: 3 }, "ERROR no tile", {
      ERROR: "",
    }];
    const outcome = await Outcome.of(await begin(folder, (x: unknown) => x, toTasks(returned)));
    assertEquals(outcome.inOrder(), [{ ERROR: "" }]);
    assertEquals(
      outcome.errors(),
      [
        { message: "no tile", type: "TileError", class: "error", value: returned[0] },
        { message: "ERROR no tile", type: "ERROR", class: "error", value: returned[1] },
      ].map((error, id) => ({
        ...{ id, attempt: 1, type: "failed", ms: 0, error },
        args: JSON.stringify(returned[id]),
      })),
    );
  });

  test("yields an asynchronous function's failure too", async (folder) => {
    const raise = async (x: number) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (x > 0) throw new TypeError("not now");
    };
    const outcome = await Outcome.of(await begin(folder, raise, toTasks([0, 1])));
    assertEquals(outcome.inOrder(), [null]);
    assertEquals(outcome.errors(), [{
      ...{ id: 1, attempt: 1, type: "failed", ms: 0, args: "1" },
      error: { message: "not now", type: "TypeError", class: "error" },
    }]);
  });

  test("fails on lines that are not JSON, and on results that JSON cannot hold", async (folder) => {
    const list = new Blob(['1\n{"a":\n2\n']).stream();
    const fn = (x: number) => x === 2 ? 10n : x;
    const outcome = await Outcome.of(await begin(folder, fn, toTasks(list)));
    assertEquals(outcome.inOrder(), [1]);
    const errors = outcome.failures.map(({ event }) => event.error)
      .map(({ type, class: kind }) => `${type} ${kind}`);
    assertEquals(errors.sort(), ["SyntaxError error", "TypeError error"]);
  });

  test("keeps the user's own stack, without the frames of dl_jobs", async (folder) => {
    const source = "const deep = () => {\n  throw new Error('here');\n};\n" +
      "export const boom = () => {\n  deep();\n};\n";
    await folder.write("boom.ts", source);
    const target = { module: folder.url("boom.ts"), method: "boom" };
    const { failures } = await Outcome.of(await begin(folder, target, toTasks([0])));
    assertEquals(failures.map(({ event }) => event.error.stack), [
      `Error: here\n    at deep (${folder.url("boom.ts")}:2:9)\n` +
      `    at boom (${folder.url("boom.ts")}:5:3)`,
    ]);
  });

  test("runs a failed task again, as the next attempt", async (folder) => {
    const secondTime = (path: string) => {
      try {
        Deno.openSync(path, { write: true, createNew: true }).close();
      } catch {
        return path;
      }
      throw new Error("the first time");
    };
    const paths = ["a", "b", "c"].map((name) => `${folder.path}/${name}`);
    const attempts = new Attempts(toTasks(paths), {
      ...{ policy: parsePolicy({}, 2), limits: {}, backoff: 1 },
    });
    const outcome = new Outcome();
    for await (const batch of await begin(folder, secondTime, attempts)) {
      outcome.add(batch);
      const ended = batch.failures.filter((failure) => !attempts.retry(failure));
      assertEquals(ended, []);
      attempts.end(batch.succeeded, batch.lines, []);
    }
    assertEquals(outcome.inOrder(), paths);
    assertEquals([...outcome.attempts.values()], [2, 2, 2]);
    assertEquals(outcome.failures.length, 3);
  });

  test("reads an endless list only a limited way ahead", async (folder) => {
    const list = new Endless();
    const end = new AbortController();
    const run = await begin(folder, (x: number) => x, list.tasks(), { signal: end.signal });
    const events = run[Symbol.asyncIterator]();
    const outcome = new Outcome();
    while (outcome.results.size < 5000) {
      outcome.add((await events.next()).value);
      assertLess(list.read - outcome.results.size, readAhead);
    }
    // No event is read from here on, so the list must not be read either.
    await list.untilStill(readAhead);
    end.abort();
    while (!(await events.next()).done);
  });

  test("starts no task after a stop, and finishes those that run", async (folder) => {
    const slow = async (name: string) => {
      Deno.writeTextFileSync(name, "");
      await new Promise((resolve) => setTimeout(resolve, 20));
      return name;
    };
    const list = new Endless((id) => `${folder.path}/begun-${id}`);
    const stop = new AbortController();
    const outcome = new Outcome();
    for await (const batch of await begin(folder, slow, list.tasks(), { stop: stop.signal })) {
      outcome.add(batch);
      stop.abort();
    }
    const begun = Array.from(Deno.readDirSync(folder.path), ({ name }) => name)
      .filter((name) => name.startsWith("begun-"));
    assertEquals(outcome.results.size, begun.length);
    assertEquals(outcome.failures, []);
  });

  // An engine in this process can leave a task that it has begun, but not end it.
  Deno.test({
    name: `${name}: ends at once on a signal, and blames no task${skipped}`,
    ignore: whyNot !== undefined,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await using folder = await makeFolder();
      const end = new AbortController();
      const hang = async (path: string) => {
        Deno.writeTextFileSync(path, "");
        await new Promise((resolve) => setTimeout(resolve, 3_600_000));
      };
      const paths = ["a", "b", "c", "d"].map((name) => `${folder.path}/${name}`);
      const events = await begin(folder, hang, toTasks(paths), { signal: end.signal });
      const outcome = Outcome.of(events);
      await until(() => paths.some(exists), "a task begins");
      end.abort();
      const { results, failures } = await within(outcome, "the run ends");
      assertEquals([results.size, failures.length], [0, 0]);
    },
  });

  test("passes on why the list could not be read, after what was read", async (folder) => {
    const list = async function* () {
      yield "first";
      throw new RangeError("the list broke");
    };
    const events = await begin(folder, (x: string) => x, toTasks(list()));
    const outcome = new Outcome();
    const error = await assertRejects(async () => {
      for await (const batch of events) outcome.add(batch);
    }, RangeError);
    assertEquals(error.message, "the list broke");
    assertEquals(outcome.inOrder(), ["first"]);
  });

  test("reports that the module does not load", async (folder) => {
    await folder.write("bad.ts", "export const task = () => 1;\nthrow new Error('not today');\n");
    const target = { module: folder.url("bad.ts"), method: "task" };
    const events = await begin(folder, target, toTasks([1, 2, 3]));
    const error = await assertRejects(() => Outcome.of(events), Error);
    assertMatch(error.message, /not today/);
  });

  test("ends when its events are no longer read", async (folder) => {
    const list = new Endless();
    for await (const { succeeded } of await begin(folder, (x: number) => x, list.tasks())) {
      assert(succeeded > 0);
      break;
    }
  });

  test("carries arguments and results of a megabyte", async (folder) => {
    const list = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(1024 * 1024));
    const twice = (text: string) => [text.length, text.toUpperCase()];
    const outcome = await Outcome.of(await begin(folder, twice, toTasks(list)));
    // Not the texts themselves: a difference of megabytes cannot be read.
    const sizes = (outcome.inOrder() as [number, string][]).map(([length, text], i) =>
      length === 1024 * 1024 && text === list[i]
    );
    assertEquals(sizes, list.map(() => true));
  });

  test("carries any text", async (folder) => {
    const list = [
      "äöü €",
      "😀👩‍👩‍👧",
      "\u2028\u2029\u0000\u001e\u007f",
      '"\\\n\r\t',
      "",
      "\ud800",
      "\ufeff",
    ];
    const fn = (text: string) => {
      if (text === "") throw new Error("leer: 😀 \u001e\n€");
      return { [text]: text };
    };
    const outcome = await Outcome.of(await begin(folder, fn, toTasks(list)));
    const filled = list.filter((text) => text !== "");
    assertEquals(outcome.inOrder(), filled.map((text) => ({ [text]: text })));
    assertEquals(outcome.failures.map(({ event }) => event.error.message), ["leer: 😀 \u001e\n€"]);
  });

  if (overlaps) {
    test("has as many calls under way in a worker as `concurrency` says", async (folder) => {
      const fn = async (x: number) => {
        const state = globalThis as { running?: number; most?: number };
        state.running = (state.running ?? 0) + 1;
        state.most = Math.max(state.most ?? 0, state.running);
        // The first four wait for each other, so they can only end together.
        while (state.most < 4) await new Promise((resolve) => setTimeout(resolve, 1));
        await new Promise((resolve) => setTimeout(resolve, 5 - x % 5));
        state.running--;
        if (x % 10 === 9) throw new Error(`at most ${state.most}`);
        return state.most;
      };
      const tasks = toTasks(Array.from({ length: 40 }, (_, i) => i));
      const events = await begin(folder, fn, tasks, { workers: 1, concurrency: 4 });
      const outcome = await Outcome.of(events);
      assertEquals(outcome.inOrder(), Array.from({ length: 36 }, () => 4));
      assertEquals(
        outcome.failures.map(({ event }) => event.error.message),
        Array.from({ length: 4 }, () => "at most 4"),
      );
    });
  }

  if (hasLogs) {
    test("yields the output of tasks, each with its own task", async (folder) => {
      const fn = (x: number) => {
        console.log("log of", x);
        console.error("error of", x);
        Deno.stdout.writeSync(new TextEncoder().encode(`bytes of ${x}\n`));
        return x;
      };
      const outcome = await Outcome.of(await begin(folder, fn, toTasks([0, 1, 2])));
      assertEquals(outcome.inOrder(), [0, 1, 2]);
      for (const x of [0, 1, 2]) {
        assertEquals(outcome.logOf(x, "stdout"), `log of ${x}\nbytes of ${x}\n`);
        assertEquals(outcome.logOf(x, "stderr"), `error of ${x}\n`);
      }
    });
  }
}

/** A list without an end that counts how far it has been read. */
class Endless {
  read = 0;

  constructor(readonly args: (id: number) => unknown = (id) => id) {}

  tasks(): AsyncIterable<TaskBatch> {
    return toTasks(this.#values());
  }

  /** Waits until the list is no longer read, which must be before a limit. */
  async untilStill(limit: number): Promise<void> {
    const from = this.read;
    for (let quiet = 0; quiet < 20; quiet++) {
      const before = this.read;
      await new Promise((resolve) => setTimeout(resolve, 10));
      if (this.read !== before) quiet = 0;
      assertLess(this.read - from, limit);
    }
  }

  async *#values(): AsyncGenerator<unknown> {
    while (true) yield this.args(this.read++);
  }
}
