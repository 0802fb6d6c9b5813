import {
  asRefusedStart,
  RefusedStart,
  RefusedStarts,
} from "../../../../lib/engines/local/refused_starts.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";

const REFUSED = new RefusedStart("no more");
const NEVER = [new AbortController().signal];

function refusedStarts(workers: number): { starts: RefusedStarts; warnings: string[] } {
  const warnings: string[] = [], wanted = () => 8;
  const pool = { workers: { size: workers }, wanted, warn: (text: string) => warnings.push(text) };
  return { starts: new RefusedStarts(pool), warnings };
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

Deno.test("RefusedStarts gives up when no worker runs", async () => {
  const { starts, warnings } = refusedStarts(0);
  const tries = async () => {
    for (let tries = 1;; tries++) {
      // The signal ends each wait at once.
      await starts.wait(REFUSED, tries, [AbortSignal.abort()]);
    }
  };
  await assertRejects(
    tries,
    RefusedStart,
    "Cannot start a worker: no more, or use fewer --workers, then run dl_jobs resume",
  );
  assertEquals(warnings, []);
});

Deno.test("asRefusedStart() passes on other errors", () => {
  const error = new Error("Failed to spawn 'cat': No such file or directory (os error 2)");
  assertEquals(asRefusedStart(error), error);
});
