import {
  asRefusedStart,
  RefusedStart,
  RefusedStarts,
} from "../../../../lib/engines/local/refused_starts.ts";
import { StartError } from "../../../../lib/engines/shared/start_error.ts";
import type { FailedStart } from "../../../../lib/engines/local/failed_starts.ts";
import type { TakenBatch } from "../../../../lib/engines/local/task_queue.ts";
import { TaskBatch } from "../../../../lib/tasks/batch.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";

const REFUSED = new RefusedStart("no more");
const NEVER = [new AbortController().signal];

function refusedStarts(
  workers: number,
  now = () => 0,
): { starts: RefusedStarts; warnings: string[] } {
  const warnings: string[] = [], wanted = () => 8;
  const pool = { workers: { size: workers }, wanted, warn: (text: string) => warnings.push(text) };
  return { starts: new RefusedStarts(pool, now), warnings };
}

Deno.test("RefusedStarts lets one slot after another try again, and warns once", async () => {
  const { starts, warnings } = refusedStarts(3);
  const woken: number[] = [];
  const waiting = [1, 2].map((slot) =>
    starts.wait(REFUSED, 9, NEVER).then(() => void woken.push(slot))
  );
  await Promise.resolve();
  assertEquals(woken, []);
  for (const wait of waiting) {
    starts.wakeOne();
    await wait;
  }
  assertEquals(woken, [1, 2]);
  assertEquals(warnings, ["3 workers run the tasks, not 8: no more, or use fewer --workers"]);
});

Deno.test("RefusedStarts ends a wait when the run is stopped", async () => {
  const { starts } = refusedStarts(1), stop = new AbortController();
  const waiting = starts.wait(REFUSED, 9, [stop.signal]);
  stop.abort();
  await waiting;
});

Deno.test("RefusedStarts gives up when no worker was ready for several seconds", async () => {
  let time = 0;
  const { starts, warnings } = refusedStarts(0, () => time);
  // The signal ends each wait at once.
  const wait = () => starts.wait(REFUSED, 1, [AbortSignal.abort()]);
  // Many slots are refused at a time.
  for (let slot = 0; slot < 50; slot++) await wait();
  time = 3000;
  await wait();
  starts.reset();
  time = 6000;
  await wait();
  time = 10_000;
  await assertRejects(
    wait,
    StartError,
    "Cannot start a worker: no more, or use fewer --workers, then run dl_jobs resume",
  );
  assertEquals(warnings, []);
});

Deno.test("RefusedStarts puts the tasks back that a refused worker has not run", async () => {
  const { starts } = refusedStarts(0), returned: [id: number, isSuspect: boolean][] = [];
  const queue = {
    putBack: ({ batch, isSuspect }: TakenBatch) => void returned.push([batch.id(0), isSuspect]),
  };
  const taken = (id: number, isSuspect = false): TakenBatch => {
    return { batch: TaskBatch.of(new TextEncoder().encode("7\n"), 1, id), isSuspect };
  };
  const run = (first: TakenBatch, end: () => Promise<TakenBatch>, stderr = "no") => {
    const status = { success: false, code: 1, signal: null };
    const failedStart: FailedStart = { status, stderr };
    return starts.run({ run: end, failedStart }, first, queue);
  };
  const refused = () => Promise.reject(REFUSED);
  assertEquals(await run(taken(1), refused), REFUSED);
  assertEquals(await run(taken(2, true), refused), REFUSED);
  // The worker itself has put the first tasks back.
  const carry = taken(4), isCarried = () => Promise.resolve(carry);
  const ended = await run(taken(3), isCarried, "sh: 1: Cannot fork\n");
  assertEquals(ended instanceof RefusedStart, true);
  assertEquals(await run(taken(5), isCarried), carry);
  assertEquals(returned, [[1, false], [2, true], [4, false]]);
});

Deno.test("asRefusedStart() passes on other errors", () => {
  const error = new Error("Failed to spawn 'cat': No such file or directory (os error 2)");
  assertEquals(asRefusedStart(error), error);
});
