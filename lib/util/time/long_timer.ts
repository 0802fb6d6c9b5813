/**
 * Timers of any length.
 *
 * @module
 */

/** The longest duration of a built-in timer, in milliseconds. A longer timer fires at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Calls a function after a duration, which may be longer than the 24.8 days that `setTimeout`
 * accepts. After an infinite duration, the function is never called.
 *
 * @example
 * ```ts
 * import { startLongTimer } from "./long_timer.ts";
 *
 * const stop = startLongTimer(() => {
 *   throw new Error("too early");
 * }, 30 * 86_400_000);
 * stop();
 * ```
 *
 * @param ms the duration in milliseconds
 * @returns a function that stops the timer
 */
export function startLongTimer(fn: () => void, ms: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = (left: number) => {
    const isLast = left <= MAX_TIMER_MS;
    timer = setTimeout(
      () => isLast ? fn() : wait(left - MAX_TIMER_MS),
      isLast ? left : MAX_TIMER_MS,
    );
  };
  if (ms < Infinity) wait(ms);
  return () => {
    // Reading `clearTimeout` loads the timers of Node.
    if (timer !== undefined) clearTimeout(timer);
  };
}
