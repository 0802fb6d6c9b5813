/**
 * Listeners of abort signals that end with a block.
 *
 * @module
 */

/**
 * Calls a function when a signal aborts, until the returned object is disposed of.
 *
 * @example
 * ```ts
 * import { onAbort } from "./on_abort.ts";
 *
 * const controller = new AbortController();
 * let calls = 0;
 * {
 *   using _listener = onAbort(controller.signal, () => calls++);
 * }
 * controller.abort();
 * if (calls !== 0) throw new Error("called after its end");
 * ```
 */
export function onAbort(signal: AbortSignal, fn: () => void): Disposable {
  signal.addEventListener("abort", fn);
  return { [Symbol.dispose]: () => signal.removeEventListener("abort", fn) };
}

/** A signal that aborts with another one. */
export interface SignalCopy extends Disposable {
  /** The signal. */
  readonly signal: AbortSignal;
}

/**
 * Returns a signal that aborts with another one, until it is disposed of. The other signal then has
 * no listener of what used the copy.
 *
 * @example
 * ```ts
 * import { copySignal } from "./on_abort.ts";
 *
 * const controller = new AbortController();
 * using copy = copySignal(controller.signal);
 * controller.abort(new Error("enough"));
 * if (copy.signal.reason.message !== "enough") throw new Error("not aborted");
 * ```
 */
export function copySignal(signal: AbortSignal): SignalCopy {
  const copy = new AbortController(), abort = () => copy.abort(signal.reason);
  if (signal.aborted) abort();
  const listener = onAbort(signal, abort);
  return { signal: copy.signal, [Symbol.dispose]: () => listener[Symbol.dispose]() };
}
