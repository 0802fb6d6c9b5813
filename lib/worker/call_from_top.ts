/**
 * Calls with a short stack.
 *
 * @module
 */

import { runSoon, waiter } from "../util/builtins.ts";

/**
 * Calls a function without the callers of this one on the stack. Each frame of an error that a task
 * throws is looked up in the source map, which is most of the cost of a task that fails.
 */
export async function callFromTop(fn: () => void): Promise<void> {
  const { promise, resolve, reject } = waiter();
  runSoon(() => {
    try {
      fn();
      resolve();
    } catch (error) {
      reject(error);
    }
  });
  await promise;
}
