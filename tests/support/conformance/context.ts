/**
 * The context of a function: setup, ids, checkpoints, progress, and the signal.
 *
 * @module
 */

import { toTasks } from "../../../lib/tasks/source.ts";
import { assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { Outcome } from "../engine_rig.ts";
import type { Functions } from "./kinds.ts";
import { runTwice, type Suite } from "./suite.ts";

/** Returns what its context says. */
const describes: Functions = {
  javascript: `export const setup = async (ctx) => ({ job: ctx.job, calls: 0 });
export const task = (x, ctx) => {
  ctx.state.calls++;
  return [x, ctx.task, ctx.attempt, ctx.job === ctx.state.job, ctx.checkpoint.last ?? null];
};
`,
  python: `def setup(ctx):
    return {"job": ctx.job, "calls": 0}


def task(x, ctx):
    ctx.state["calls"] += 1
    return [x, ctx.task, ctx.attempt, ctx.job == ctx.state["job"], ctx.checkpoint.last]
`,
};

/** Returns an odd number at the second attempt, from its checkpoint. */
const continues: Functions = {
  javascript: `export const task = (x, ctx) => {
  if (x % 2 === 0) return x;
  if (ctx.attempt > 1) return ctx.checkpoint.last;
  ctx.checkpoint.save({ x, at: "first" });
  ctx.checkpoint.save({ x, at: "last" });
  throw new Error("the first time");
};
`,
  python: `def task(x, ctx):
    if x % 2 == 0:
        return x
    if ctx.attempt > 1:
        return ctx.checkpoint.last
    ctx.checkpoint.save({"x": x, "at": "first"})
    ctx.checkpoint.save({"x": x, "at": "last"})
    raise ValueError("the first time")
`,
};

/** Reports its progress, and adds a line to the log. */
const reports: Functions = {
  javascript: `export const task = (x, ctx) => {
  ctx.progress(0.5, "half of " + x);
  ctx.log("seen", { x });
  return x;
};
`,
  python: `def task(x, ctx):
    ctx.progress(0.5, "half of %d" % x)
    ctx.log("seen", x=x)
    return x
`,
};

/** Waits for its signal, then writes a file into the folder of the job. */
const waitsForSignal: Functions = {
  javascript: `export const task = async (x, ctx) => {
  try {
    await new Promise((_, reject) => {
      ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason));
    });
  } finally {
    await Deno.writeTextFile(\`\${ctx.dir}/ended-\${ctx.task}\`, String(x));
  }
};
`,
  python: `import time


def task(x, ctx):
    try:
        while True:
            time.sleep(0.01)
    finally:
        with open("%s/ended-%d" % (ctx.dir, ctx.task), "w") as file:
            file.write(str(x))
`,
};

/** Cannot be set up. */
const notReady: Functions = {
  javascript: `export const setup = () => {
  throw new RangeError("no model");
};
export const task = (x) => x;
`,
  python: `def setup(ctx):
    raise ValueError("no model")


def task(x):
    return x
`,
};

/** Registers the tests of the context. */
export function testContext({ test, traits }: Suite): void {
  test("passes a context to a function that declares one", describes, async ({ begin }) => {
    const outcome = await Outcome.of(await begin(toTasks(["a", "b", "c"])));
    assertEquals(outcome.failures, []);
    const expected = ["a", "b", "c"].map((x, id) => [x, id, 1, true, null]);
    assertEquals(outcome.inOrder(), expected);
  });

  test("continues from the last checkpoint", continues, async (trial) => {
    const outcome = await runTwice(trial, [0, 1, 2, 3]);
    const last = (x: number) => ({ x, at: "last" });
    assertEquals(outcome.inOrder(), [0, last(1), 2, last(3)]);
    assertEquals([...outcome.attempts].sort(), [[0, 1], [1, 2], [2, 1], [3, 2]]);
  });

  test("ends with the reason of a setup that fails", notReady, async ({ begin }) => {
    const events = await begin(toTasks([1, 2, 3]));
    const error = await assertRejects(() => Outcome.of(events), Error);
    assertMatch(error.message, /no model/);
  });

  test("yields the log lines of tasks", reports, async ({ begin }) => {
    const { logs } = await Outcome.of(await begin(toTasks([7, 8])));
    const lines = logs.filter(({ stream }) => stream === "log")
      .map(({ time: _time, ...line }) => line);
    assertEquals(
      lines.toSorted((a, b) => a.id - b.id),
      [7, 8].map((x, id) => ({ id, attempt: 1, stream: "log", text: "seen", fields: { x } })),
    );
  });

  if (traits.hasUpdates) {
    test("yields the progress of tasks", reports, async ({ begin }) => {
      const outcome = await Outcome.of(await begin(toTasks([7, 8])));
      assertEquals(outcome.inOrder(), [7, 8]);
      // On a slow machine, a call takes long enough to have its use of memory and CPU reported.
      const reported = outcome.updates.filter(({ type }) => type !== "usage");
      assertEquals(
        reported.toSorted((a, b) => a.id - b.id),
        [7, 8].map((x, id) => ({
          ...{ id, attempt: 1, type: "progress", fraction: 0.5, text: `half of ${x}` },
        })),
      );
    });
  }

  if (traits.hasTimeout) {
    test("lets a function react to its time limit", waitsForSignal, async ({ begin, folder }) => {
      const outcome = await Outcome.of(
        await begin(toTasks(["a", "b"]), { timeout: 300, grace: 30_000 }),
      );
      const errors = outcome.failures.map(({ event: { id, error: { message, class: kind } } }) => ({
        ...{ id, message, kind },
      }));
      const message = "it ran longer than the timeout of 0.3 s";
      assertEquals(
        errors.toSorted((a, b) => a.id - b.id),
        [0, 1].map((id) => ({ id, message, kind: "timeout" })),
      );
      const files = [0, 1].map((id) => Deno.readTextFileSync(`${folder.path}/files/ended-${id}`));
      assertEquals(files, ["a", "b"]);
    });
  }
}
