/**
 * The error that a caller may want to catch. All other errors are the nearest built-in class.
 *
 * @module
 */

/**
 * An error in a request: a wrong option, a name that does not exist, a file that cannot be read. A
 * further attempt cannot help. The command prints the message without a stack and exits with 2.
 *
 * @example
 * ```ts
 * import { Job, UsageError } from "dl_jobs";
 *
 * try {
 *   await new Job({ moduleName: "./lost.ts", argsList: 1, quiet: true }).run();
 *   throw new Error("it was found");
 * } catch (error) {
 *   if (!(error instanceof UsageError)) throw error;
 *   if (!error.message.startsWith("Cannot find ./lost.ts")) throw error;
 * }
 * ```
 */
export class UsageError extends Error {
  /** @ignore */
  override readonly name = "UsageError";
}

/** Returns the first of several errors: errors while closing are often a consequence of it. */
export function firstError(thrown: unknown): unknown {
  return thrown instanceof SuppressedError ? firstError(thrown.suppressed) : thrown;
}
