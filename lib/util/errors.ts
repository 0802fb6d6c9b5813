/**
 * The class of errors that callers may want to catch. All other errors are instances of built-in
 * classes.
 *
 * @module
 */

/**
 * An error in the caller's request, such as an invalid option, an unknown name or an unreadable
 * file. A retry cannot help. The command line prints the message without a stack and exits with 2.
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

/**
 * Returns the first error inside a `SuppressedError`, because later errors, thrown while closing,
 * are often its consequences. Returns any other value unchanged.
 */
export function firstError(thrown: unknown): unknown {
  return thrown instanceof SuppressedError ? firstError(thrown.suppressed) : thrown;
}
