/**
 * A timer as a promise.
 *
 * @module
 */

import { startLongTimer } from "./long_timer.ts";

/**
 * Waits for a duration, until one of the signals aborts, or until a promise resolves.
 *
 * @example
 * ```ts
 * import { delay } from "./delay.ts";
 *
 * const stop = new AbortController();
 * const waiting = delay(60_000, [stop.signal]);
 * stop.abort();
 * await waiting;
 * ```
 *
 * @param ms the time in milliseconds
 * @param signals signals that end the wait early; the promise is never rejected
 * @param earlier a promise that ends the wait when it resolves
 */
export async function delay(
  ms: number,
  signals: readonly AbortSignal[] = [],
  earlier?: Promise<unknown>,
): Promise<void> {
  if (signals.some(({ aborted }) => aborted)) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  const stop = startLongTimer(end, ms);
  for (const signal of signals) signal.addEventListener("abort", end);
  earlier?.then(end);
  await promise;
  stop();
  for (const signal of signals) signal.removeEventListener("abort", end);
}
