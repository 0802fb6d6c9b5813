/**
 * The error that a caller may want to catch. All other errors are the nearest built-in class.
 *
 * @module
 */

/**
 * A mistake in a request: a wrong option, a name that does not exist, an invalid file.
 *
 * Trying again cannot help. The command prints the message alone and exits with 2.
 */
export class UsageError extends Error {
  /** @ignore */
  override readonly name = "UsageError";
}

/** Returns the first of several errors: errors while closing are often a consequence of it. */
export function firstError(thrown: unknown): unknown {
  return thrown instanceof SuppressedError ? firstError(thrown.suppressed) : thrown;
}
