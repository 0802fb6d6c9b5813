/**
 * The events of a run: results, failures, attempts, spans and logs.
 *
 * @module
 */

import { toTasks } from "../../../lib/tasks/source.ts";
import { assert, assertEquals } from "../assert.ts";
import type { Folder } from "../../../tools/support/files.ts";
import { Outcome } from "../engine_rig.ts";
import {
  double,
  failsDeep,
  failsFirst,
  failsLater,
  failsOdd,
  measures,
  prints,
  repeats,
  returnsNoJson,
  same,
  sameOrError,
  takesInstance,
  waits,
} from "./functions.ts";
import type { Kind } from "./kinds.ts";
import { runTwice, type Suite } from "./suite.ts";

/** Registers the tests of the events. */
export function testEvents({ test, traits }: Suite): void {
  test("yields one event for every task, in any order", double, async ({ begin, kind }) => {
    // Each task of a program starts a process.
    const list = Array.from({ length: kind === "program" ? 200 : 1000 }, (_, i) => i);
    const outcome = await Outcome.of(await begin(toTasks(list)));
    assertEquals(outcome.inOrder(), list.map((x) => x * 2));
    assertEquals(outcome.failures, []);
    assertEquals([...new Set(outcome.attempts.values())], [1]);
  });

  test("reports the busy times and the tasks of each worker", waits, async ({ begin }) => {
    const began = Date.now(), list = [120, 0, 0, 150, 1, 110, 0, 0];
    const { spans } = await Outcome.of(await begin(toTasks(list)));
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

  test("yields nothing for an empty list", same, async ({ begin }) => {
    assertEquals(await Array.fromAsync(await begin(toTasks([]))), []);
  });

  test("yields a failure with its task's line", failsOdd, async ({ begin, kind }) => {
    const outcome = await Outcome.of(await begin(toTasks([0, 1, 2, 3])));
    assertEquals(outcome.inOrder(), [0, 2]);
    assertEquals(
      outcome.errors(),
      [1, 3].map((id) => ({
        ...{ id, attempt: 1, type: "failed", ms: 0 },
        error: { ...oddError(id, kind), class: "error" },
        args: `${id}`,
      })),
    );
  });

  test("an argument that does not fit its class is invalid", takesInstance, async ({ begin }) => {
    const outcome = await Outcome.of(await begin(toTasks([{ year: 2001 }, { year: "x" }])));
    assertEquals(outcome.inOrder(), [2001]);
    const message = "year: must be an integer, not 'x'";
    assertEquals(outcome.errors(), [{
      ...{ id: 1, attempt: 1, type: "failed", ms: 0 },
      error: { message, type: "ValidationError", class: "invalid" },
      args: '{"year":"x"}',
    }]);
  });

  test("treats a returned ERROR as a failure", sameOrError, async ({ begin }) => {
    const returned = [{ ERROR: "no tile", type: "TileError", n: 3 }, "ERROR no tile", {
      ERROR: "",
    }];
    const outcome = await Outcome.of(await begin(toTasks(returned)));
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

  test("yields an asynchronous function's failure too", failsLater, async ({ begin }) => {
    const outcome = await Outcome.of(await begin(toTasks([0, 1])));
    assertEquals(outcome.inOrder(), [null]);
    assertEquals(outcome.errors(), [{
      ...{ id: 1, attempt: 1, type: "failed", ms: 0, args: "1" },
      error: { message: "not now", type: "TypeError", class: "error" },
    }]);
  });

  test(
    "fails tasks whose line is not JSON or whose result JSON cannot represent",
    returnsNoJson,
    async ({ begin, kind }) => {
      const list = new Blob(['1\n{"a":\n2\n']).stream();
      const outcome = await Outcome.of(await begin(toTasks(list)));
      assertEquals(outcome.inOrder(), [1]);
      const errors = outcome.failures.map(({ event }) => event.error)
        .map(({ type, class: kind }) => `${type} ${kind}`);
      const invalid = kind === "python" ? "JSONDecodeError error" : "SyntaxError error";
      assertEquals(errors.sort(), [invalid, "TypeError error"]);
    },
  );

  test(
    "keeps the user's own stack, without the frames of dl_jobs",
    failsDeep,
    async ({ begin, folder, kind }) => {
      const { failures } = await Outcome.of(await begin(toTasks([0])));
      const stacks = failures.map(({ event }) => event.error.stack);
      assertEquals(stacks, [kind === "python" ? pythonStack(folder) : javascriptStack(folder)]);
    },
  );

  test("runs a failed task again, as the next attempt", failsFirst, async (trial) => {
    const paths = ["a", "b", "c"].map((name) => `${trial.folder.path}/${name}`);
    const outcome = await runTwice(trial, paths);
    assertEquals(outcome.inOrder(), paths);
    assertEquals([...outcome.attempts.values()], [2, 2, 2]);
    assertEquals(outcome.failures.length, 3);
  });

  test("passes arguments and results of a megabyte", measures, async ({ begin }) => {
    const list = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(1024 * 1024));
    const outcome = await Outcome.of(await begin(toTasks(list)));
    assertEquals(outcome.failures, []);
    // Compares sizes instead of texts, because a diff of megabytes is unreadable.
    const sizes = (outcome.inOrder() as [number, string][]).map(([length, text], i) =>
      length === 1024 * 1024 && text === list[i]
    );
    assertEquals(sizes, list.map(() => true));
  });

  test("passes any text through unchanged", repeats, async ({ begin }) => {
    const list = [
      "äöü €",
      "😀👩‍👩‍👧",
      "\u2028\u2029\u0000\u001e\u007f",
      '"\\\n\r\t',
      "",
      "\ud800",
      "\ufeff",
    ];
    const outcome = await Outcome.of(await begin(toTasks(list)));
    const filled = list.filter((text) => text !== "");
    assertEquals(outcome.inOrder(), filled.map((text) => ({ [text]: text })));
    assertEquals(outcome.failures.map(({ event }) => event.error.message), ["leer: 😀 \u001e\n€"]);
  });

  if (traits.hasLogs) {
    test("yields the output of tasks, each with its own task", prints, async ({ begin }) => {
      const outcome = await Outcome.of(await begin(toTasks([0, 1, 2])));
      assertEquals(outcome.inOrder(), [0, 1, 2]);
      for (const x of [0, 1, 2]) {
        assertEquals(outcome.logOf(x, "stdout"), `log of ${x}\nbytes of ${x}\n`);
        assertEquals(outcome.logOf(x, "stderr"), `error of ${x}\n`);
      }
    });
  }
}

/** Returns the error of the function that fails for odd numbers. */
function oddError(id: number, kind: Kind): { message: string; type: string } {
  if (kind === "program") {
    return { message: `sh exited with status 3: ${id} is odd`, type: "ExitStatus" };
  }
  return { message: `${id} is odd`, type: kind === "python" ? "ValueError" : "RangeError" };
}

function javascriptStack(folder: Folder): string {
  const url = folder.url("task.ts");
  return `Error: here\n    at deep (${url}:2:9)\n    at task (${url}:5:3)`;
}

function pythonStack({ path }: Folder): string {
  return `Traceback (most recent call last):
  File "${path}/task.py", line 6, in task
    deep()
  File "${path}/task.py", line 2, in deep
    raise ValueError("here")
ValueError: here`;
}
