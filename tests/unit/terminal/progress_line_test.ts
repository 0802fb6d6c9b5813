import {
  type Counts,
  jsonLine,
  movingLine,
  plainLine,
  progressLine,
  type ProgressView,
} from "../../../lib/terminal/progress_line.ts";
import { textWidth } from "../../../lib/terminal/text_width.ts";
import { stripVTControlCharacters } from "node:util";
import { assert, assertEquals } from "../../support/assert.ts";

const MINUTE = 60_000, HOUR = 60 * MINUTE;

function counts(given: Partial<Counts>): Counts {
  return { read: 0, succeeded: 0, failed: 0, retried: 0, ...given };
}

Deno.test("progressLine() shows the counts, the rate and the remaining time", async (t) => {
  const cases: [given: Partial<Counts>, ms: number, line: string][] = [
    [{}, 0, "0 of ? done"],
    [{}, 5000, "0 of ? done"],
    [{ total: 90 }, 5000, "0 of 90 done"],
    [{ succeeded: 10 }, 0, "10 of ? done"],
    [{ read: 100, succeeded: 10 }, 1000, "10 of ? done, 10/s"],
    [{ total: 100, succeeded: 25 }, 5000, "25 of 100 done, 5/s, 15.0 s left"],
    [{ total: 100, succeeded: 20, failed: 5 }, 5000, "25 of 100 done, 5 failed, 5/s, 15.0 s left"],
    [
      { total: 100, succeeded: 20, failed: 5, retried: 3 },
      5000,
      "25 of 100 done, 5 failed, 3 tried again, 5/s, 15.0 s left",
    ],
    [{ retried: 1 }, 5000, "0 of ? done, 1 tried again"],
    [{ total: 25, succeeded: 25 }, 5000, "25 of 25 done, 5/s"],
    [{ total: 0 }, 5000, "0 of 0 done"],
    // The rate of long tasks is per minute, hour or day.
    [{ total: 10, succeeded: 1 }, 2000, "1 of 10 done, 30/min, 18.0 s left"],
    [{ total: 10, failed: 2 }, 4 * MINUTE, "2 of 10 done, 2 failed, 30/h, 16 min 00 s left"],
    [{ total: 3, succeeded: 1 }, 2 * HOUR, "1 of 3 done, 12/day, 4 h 00 min left"],
    [{ total: 2, succeeded: 1 }, 48 * HOUR, "1 of 2 done, 2 d 00 h left"],
    [
      { total: 10_000_000, succeeded: 2_500_000 },
      1000,
      [
        "2500000 of 10000000 done, 2500000/s, 3.0 s left",
      ].join(),
    ],
  ];
  for (const [given, ms, line] of cases) {
    await t.step(line, () => assertEquals(progressLine(counts(given), ms), line));
  }
});

/** A running job with all of its properties. */
const FULL: ProgressView = {
  counts: counts({ total: 1000, succeeded: 395, failed: 5, retried: 2 }),
  ms: 20_000,
  perMs: 0.02,
  activity: { running: 8, busy: 2, workers: 4 },
};

Deno.test("movingLine() shows the parts that fit, the most important first", async (t) => {
  const cases: [columns: number, line: string][] = [
    [1, ""],
    [5, "400…"],
    [20, "400/1000"],
    [29, "400/1000"],
    [30, "400 of 1000 done, 5 failed"],
    [45, "400 of 1000 done, 5 failed, 30.0 s left"],
    [60, "█████░░░░░░░░ 400 of 1000 done, 5 failed, 20/s, 30.0 s left"],
    [80, "███████░░░░░░░░░░░ 400 of 1000 done, 5 failed, 2 tried again, 20/s, 30.0 s left"],
    [
      200,
      "████████████████░░░░░░░░░░░░░░░░░░░░░░░░ 400 of 1000 done, 5 failed, 2 tried again, " +
      "8 running on 2 of 4 workers, 20/s, 30.0 s left, 20.0 s so far",
    ],
  ];
  for (const [columns, line] of cases) {
    await t.step(`${columns} columns`, () => assertEquals(movingLine(FULL, columns, false), line));
  }
});

Deno.test("movingLine() is always narrower than the terminal, in colours or not", () => {
  for (let columns = 1; columns <= 250; columns++) {
    const plain = movingLine(FULL, columns, false);
    assert(textWidth(plain) < columns, `${columns}: ${plain}`);
    assertEquals(stripVTControlCharacters(movingLine(FULL, columns, true)), plain);
  }
});

Deno.test("movingLine() has no bar and no remaining time when the number of tasks is unknown", () => {
  const view = { ...FULL, counts: counts({ read: 500, succeeded: 400 }) };
  assertEquals(movingLine(view, 20, false), "400/?");
  assertEquals(
    movingLine(view, 100, false),
    "400 of ? done, 8 running on 2 of 4 workers, 20/s, 20.0 s so far",
  );
});

Deno.test("movingLine() shows how to end a stopping job at once", () => {
  const line = movingLine({ ...FULL, isStopping: true }, 100, false);
  assertEquals(
    line,
    "██████░░░░░░░░░░░ 400 of 1000 done, 5 failed, stopping, Ctrl-C ends it at once, 2 tried again, 20/s",
  );
});

Deno.test("plainLine() and jsonLine() show the progress of running tasks", () => {
  const counts = { read: 3, total: 3, succeeded: 1, failed: 0, retried: 0 };
  const tasks = [{ id: 1, fraction: 0.2 }, { id: 2, fraction: 0.999, text: "writing" }]
    .map((task) => ({ ...task, attempt: 1, type: "progress" as const }));
  const view = { counts, ms: 1000, perMs: 0, tasks };
  assertEquals(plainLine(view), "1 of 3 done, task 2 at 99 % (writing) and 1 more");
  assertEquals(JSON.parse(jsonLine(view)).tasks, [
    { id: 1, fraction: 0.2 },
    { id: 2, fraction: 0.999, text: "writing" },
  ]);
  const long = { ...tasks[1]!, text: "x".repeat(100) };
  assertEquals(plainLine({ ...view, tasks: [long] }).length, "1 of 3 done, ".length + 50);
});
