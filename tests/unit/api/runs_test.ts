/**
 * The work of this process that Ctrl-C ends.
 *
 * @module
 */

import { Run } from "../../../lib/api/run.ts";
import {
  type Cancelable,
  endEntry,
  runningHere,
  stopEntry,
  takeStarted,
  trackRun,
} from "../../../lib/api/runs.ts";
import type { Summary } from "../../../lib/job/report/summary.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";

const RUNS = new URL("../../../lib/api/runs.ts", import.meta.url).href;

/** Creates work that can be ended. */
function createWork() {
  return { hasEnded: false, hasFailed: false, cancel() {} };
}

/** Fails unless a list has exactly these pieces of work. */
const has = (list: readonly Cancelable[], ...work: readonly Cancelable[]) =>
  work.map((one) => list.includes(one));

Deno.test("runningHere() lists the work that is not over, in the order of its start", () => {
  const first = createWork(), second = createWork();
  trackRun(first);
  trackRun(second);
  assertEquals(runningHere(), [first, second]);
  first.hasEnded = true;
  assertEquals(runningHere(), [second]);
  second.hasEnded = true;
  assertEquals(runningHere(), []);
});

Deno.test("stopEntry() cancels the work, and refuses runs of the same entry", async () => {
  const start = () => Promise.resolve({ total: 7 } as Summary);
  assertEquals(stopEntry(), []);
  assertEquals((await new Run(start)).total, 7);
  let canceled = 0;
  const work = { ...createWork(), cancel: () => canceled++ };
  trackRun(work);
  assertEquals([stopEntry(), canceled], [[work], 1]);
  work.hasEnded = true;
  const { message } = await assertRejects(() => new Run(start), UsageError);
  assertEquals(message, "Cannot start the run: the entry or the cell that starts it was stopped");
  endEntry();
  assertEquals((await new Run(start)).total, 7);
});

Deno.test("trackRun() keeps no work that is over, unless a session takes it", async () => {
  const code = `import { trackRun } from "${RUNS}";
const { promise, resolve } = Promise.withResolvers();
const registry = new FinalizationRegistry(resolve);
(() => {
  const work = { hasEnded: true, hasFailed: false, cancel() {} };
  registry.register(work);
  trackRun(work);
})();
trackRun({ hasEnded: false, hasFailed: false, cancel() {} });
const collecting = setInterval(gc, 10);
await promise;
clearInterval(collecting);
`;
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--v8-flags=--expose-gc", code],
    stdout: "null",
    stderr: "null",
    signal: AbortSignal.timeout(30_000),
  }).output();
  assertEquals(success, true);
});

Deno.test("takeStarted() returns each piece of work once, even when it is over", () => {
  takeStarted();
  const work = { ...createWork(), hasEnded: true };
  trackRun(work);
  assertEquals(has(takeStarted(), work), [true]);
  assertEquals(takeStarted(), []);
});
