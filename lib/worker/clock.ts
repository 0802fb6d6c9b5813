/**
 * The clock of a worker, by which run times are measured.
 *
 * @module
 */

import { dateNow, floor, performanceNow } from "../util/builtins.ts";

// A longer step of `Date.now` may be a change of the machine's clock.
const MOST_STEP_MS = 1000;

/**
 * Creates a clock in whole milliseconds, which never goes back. When the clock of the machine is set,
 * it follows the monotonic clock, which takes twice as long to read.
 *
 * @param now the time of the machine, in milliseconds
 * @param monotonic the time since any moment, in milliseconds
 */
export function createClock(now: () => number, monotonic: () => number): () => number {
  let last = now(), time = last, offset = 0;
  const origin = last - monotonic();
  return () => {
    const read = now();
    if (read < last || read - last > MOST_STEP_MS) offset = floor(origin + monotonic()) - read;
    last = read;
    return time = read + offset > time ? read + offset : time;
  };
}

/** Returns the time of this process in whole milliseconds. */
export const clockMs: () => number = createClock(dateNow, performanceNow);
