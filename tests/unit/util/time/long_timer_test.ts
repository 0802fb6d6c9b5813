/**
 * Timers that are longer than those of the runtime.
 *
 * @module
 */

import { MAX_TIMER_MS, startLongTimer } from "../../../../lib/util/time/long_timer.ts";
import { assertEquals } from "../../../support/assert.ts";

/** Calls a function with a `setTimeout` whose timers fire only when the test asks for it. */
function withClock(use: (fire: () => number | undefined, left: () => number) => void): void {
  const { setTimeout, clearTimeout } = globalThis;
  const timers = new Map<number, { readonly fn: () => void; readonly ms: number }>();
  let ids = 0;
  globalThis.setTimeout = ((fn: () => void, ms: number) => {
    timers.set(++ids, { fn, ms });
    return ids;
  }) as never;
  globalThis.clearTimeout = ((id: number) => timers.delete(id)) as never;
  const fire = () => {
    const [first] = timers;
    if (!first) return undefined;
    timers.delete(first[0]);
    first[1].fn();
    return first[1].ms;
  };
  try {
    use(fire, () => timers.size);
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout });
  }
}

Deno.test("startLongTimer() waits for the whole duration, in parts that the runtime accepts", () => {
  const month = 30 * 86_400_000, century = 1200 * month;
  for (const ms of [0, 1, MAX_TIMER_MS, MAX_TIMER_MS + 1, month, century]) {
    withClock((fire) => {
      let calls = 0, waited = 0;
      startLongTimer(() => calls++, ms);
      while (calls === 0) {
        const part = fire()!;
        assertEquals(part <= MAX_TIMER_MS, true, `${part} ms`);
        waited += part;
      }
      assertEquals([waited, fire()], [ms, undefined]);
    });
  }
});

Deno.test("startLongTimer() can be stopped in each part, and never fires after an infinite duration", () => {
  withClock((fire, left) => {
    const stop = startLongTimer(() => {
      throw new Error("it fired");
    }, 3 * MAX_TIMER_MS);
    fire();
    stop();
    startLongTimer(() => {}, Infinity)();
    startLongTimer(() => {}, Infinity);
    assertEquals([left(), fire()], [0, undefined]);
  });
});
