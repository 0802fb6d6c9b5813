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
  stdout ??= openBlocking() ?? Deno.stdout;
  try {
    for (let at = 0; at < bytes.length;) at += await stdout.write(bytes.subarray(at));
  } catch (cause) {
    if (cause instanceof Deno.errors.BrokenPipe) throw cause;
    throw new Error(`Cannot write stdout: ${(cause as Error).message}${next ? `, ${next}` : ""}`, {
      cause,
    });
  }
}

let stdout: Pick<Deno.FsFile, "write"> | undefined;

const O_NONBLOCK = 0o4000;

/**
 * Opens the pipe or terminal of stdout again, where another program that shares it has made its
 * writes fail instead of wait. After such a failure, the caller does not know which bytes were written.
 */
function openBlocking(): Deno.FsFile | undefined {
  if (Deno.build.os !== "linux") return undefined;
  try {
    const [, flags = ""] = /^flags:\s+(\d+)/m.exec(Deno.readTextFileSync("/proc/self/fdinfo/1"))!;
    if ((parseInt(flags, 8) & O_NONBLOCK) === 0 || Deno.statSync("/dev/stdout").isFile) return;
    return Deno.openSync("/dev/stdout", { write: true });
  } catch {
    // A socket cannot be opened again, and a limited process may not look.
    return undefined;
  }
}
