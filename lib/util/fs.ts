/**
 * Small operations on files.
 *
 * @module
 */

import { NEWLINE } from "./bytes.ts";

/** Returns true when a file or folder is at a path. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Writes all bytes: one call of the system may accept only a part of them.
 *
 * @param path the file's name in the error
 * @throws {Error} When the disk is full or gone. The job can be resumed after that is repaired.
 */
export function writeAll(
  file: Pick<Deno.FsFile, "writeSync">,
  bytes: Uint8Array,
  path: string,
): void {
  try {
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  } catch (cause) {
    throw new Error(
      `Cannot write ${path}: ${(cause as Error).message}, repair that, then run dl_jobs resume`,
      { cause },
    );
  }
}

/**
 * Replaces a file in one step, so that a reader never sees a part of it.
 *
 * The text is written to `<path>.new`, which is then renamed. Only one process may write the file at
 * a time.
 */
export function writeAtomic(path: string, text: string): void {
  Deno.writeTextFileSync(`${path}.new`, text);
  Deno.renameSync(`${path}.new`, path);
}

/** Returns the number of whole lines of a file, 0 where it does not exist. */
export function countLines(path: string): number {
  if (!exists(path)) return 0;
  using file = Deno.openSync(path);
  const buffer = new Uint8Array(256 * 1024);
  let count = 0;
  for (let read = file.readSync(buffer); read !== null; read = file.readSync(buffer)) {
    const part = buffer.subarray(0, read);
    for (let at = part.indexOf(NEWLINE); at >= 0; at = part.indexOf(NEWLINE, at + 1)) count++;
  }
  return count;
}
