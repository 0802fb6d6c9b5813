/**
 * Waits for a condition, up to a generous time limit.
 *
 * @module
 */

const LIMIT_MS = 60_000;
const POLL_MS = 10;

/**
 * Polls a condition until it returns a truthy value, and returns that value.
 *
 * @param what the condition for the error, or a function that also describes the state at the end
 * @throws {Error} when the condition does not hold within `limit` milliseconds
 */
export async function until<T>(
  find: () => T | Promise<T>,
  what: string | (() => string),
  limit = LIMIT_MS,
): Promise<Exclude<T, undefined | null | false>> {
  for (const end = Date.now() + limit;;) {
    const found = await find();
    if (found) return found as Exclude<T, undefined | null | false>;
    if (Date.now() > end) {
      const text = typeof what === "string" ? what : what();
      throw new Error(`Not so after ${limit / 1000} s: ${text}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/**
 * Waits for a promise.
 *
 * @throws {Error} when the promise does not settle within `limit` milliseconds
 */
export async function within<T>(
  promise: PromiseLike<T>,
  what: string,
  limit = LIMIT_MS,
): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const error = new Error(`Not done after ${limit / 1000} s: ${what}`);
  const timer = setTimeout(() => reject(error), limit);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
