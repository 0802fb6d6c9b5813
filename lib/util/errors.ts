/**
 * The errors that a caller may want to catch. Everything else is the nearest built-in.
 *
 * @module
 */

/**
 * A mistake in what was asked for: a wrong option, a name that is not there, a broken file.
 * Trying again cannot help. The command prints the message alone and exits with 2.
 */
export class UsageError extends Error {
  /** @ignore */
  override readonly name = "UsageError";
}

/** What went wrong first: what then could not be closed either is a consequence of it. */
export function firstError(thrown: unknown): unknown {
  return thrown instanceof SuppressedError ? firstError(thrown.suppressed) : thrown;
}
