/**
 * Timers that do not keep the process alive.
 *
 * The first `setTimeout` or `setInterval` of a process loads Node's timers, which takes a tenth of
 * the start of a job. The timer of an abort signal loads nothing.
 *
 * @module
 */

import { MAX_TIMER_MS } from "./long_timer.ts";

/**
 * Calls a function once, after a delay of any length.
 *
 * @param ms the delay in milliseconds
 * @returns a function that stops the timer.
 */
export function startLightTimer(fn: () => void, ms: number): () => void {
  const signal = AbortSignal.timeout(Math.min(ms, MAX_TIMER_MS)), rest = ms - MAX_TIMER_MS;
  let stop = () => signal.removeEventListener("abort", next);
  function next(): void {
    if (rest <= 0) fn();
    else stop = startLightTimer(fn, rest);
  }
  signal.addEventListener("abort", next);
  return () => stop();
}

/**
 * Calls a function again and again.
 *
 * @param ms the time between two calls, in milliseconds
 * @returns a function that stops the timer.
 */
export function startLightInterval(fn: () => void, ms: number): () => void {
  let stop = startLightTimer(next, ms);
  function next(): void {
    stop = startLightTimer(next, ms);
    fn();
  }
  return () => stop();
}
