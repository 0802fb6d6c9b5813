/**
 * The events of a run: results, failures, attempts, spans and logs.
 *
 * @module
 */

import { Attempts } from "../../../lib/tasks/attempts.ts";
import { parsePolicy } from "../../../lib/tasks/retry.ts";
import { toTasks } from "../../../lib/tasks/source.ts";
import { assert, assertEquals } from "../assert.ts";
import { Outcome } from "../engine_rig.ts";
import type { Suite } from "./suite.ts";

/** Registers the tests of the events. */
export function testEvents({ test, begin, traits }: Suite): void {
  test("yields one event for every task, in any order", async (folder) => {
    const list = Array.from({ length: 1000 }, (_, i) => i);
    const events = await begin(folder, (x: number) => x * 2, toTasks(list));
    const outcome = await Outcome.of(events);
    assertEquals(outcome.inOrder(), list.map((x) => x * 2));
    assertEquals(outcome.failures, []);
    assertEquals([...new Set(outcome.attempts.values())], [1]);
  });

  test("reports the busy times and the tasks of each worker", async (folder) => {
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

  test("treats a returned ERROR as a failure", async (folder) => {
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

  test("fails tasks whose line is not JSON or whose result JSON cannot represent", async (folder) => {
    const list = new Blob(['1\n{"a":\n2\n']).stream();
    const fn = (x: number) => x === 2 ? new Map() : x;
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

  test("passes arguments and results of a megabyte", async (folder) => {
    const list = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(1024 * 1024));
    const twice = (text: string) => [text.length, text.toUpperCase()];
    const outcome = await Outcome.of(await begin(folder, twice, toTasks(list)));
    // Compares sizes instead of texts, because a diff of megabytes is unreadable.
    const sizes = (outcome.inOrder() as [number, string][]).map(([length, text], i) =>
      length === 1024 * 1024 && text === list[i]
    );
    assertEquals(sizes, list.map(() => true));
  });

  test("passes any text through unchanged", async (folder) => {
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

  if (traits.hasLogs) {
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
