/**
 * Writes to stdout.
 *
 * @module
 */

/**
 * Writes all bytes to stdout, and waits when the reader is slow.
 *
 * @param next the way out in the error message
 * @throws {Deno.errors.BrokenPipe} when the reader has closed the pipe.
 * @throws {Error} when stdout cannot be written, for example because its disk is full.
 */
export async function writeStdout(bytes: Uint8Array, next?: string): Promise<void> {
  try {
    for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
  } catch (cause) {
    if (cause instanceof Deno.errors.BrokenPipe) throw cause;
    throw new Error(`Cannot write stdout: ${(cause as Error).message}${next ? `, ${next}` : ""}`, {
      cause,
    });
  }
}
