/**
 * A wait for a value, with a time limit.
 *
 * @module
 */

import { startLightTimer } from "./light_timer.ts";

/**
 * Returns the value of a promise, or `undefined` when it takes longer than a time in milliseconds.
 * The wait itself does not keep the process alive.
 *
 * @example
 * ```ts
 * import { valueWithin } from "./value_within.ts";
 *
 * if (await valueWithin(Promise.resolve(3), 1000) !== 3) throw new Error("late");
 * ```
 */
export async function valueWithin<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const stop = startLightTimer(() => late.resolve(undefined), ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    stop();
  }
}
