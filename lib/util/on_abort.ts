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
