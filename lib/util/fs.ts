/**
 * Small operations on files.
 *
 * @module
 */

/** Whether there is such a file or folder. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Writes all of some bytes: one call may take only a part.
 *
 * @throws {Error} when the disk is full or gone. It helps to make room and to resume the job.
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
      `Cannot write ${path}: ${(cause as Error).message}, mend that and go on with dl_jobs resume`,
      { cause },
    );
  }
}

/** How many whole lines a file has. */
export function countLines(path: string): number {
  if (!exists(path)) return 0;
  using file = Deno.openSync(path);
  const buffer = new Uint8Array(256 * 1024);
  let count = 0;
  for (let read = file.readSync(buffer); read !== null; read = file.readSync(buffer)) {
    const part = buffer.subarray(0, read);
    for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) count++;
  }
  return count;
}

/** Returns true when there is a file of that name, false when it is a folder or missing. */
export function isFile(path: string | URL): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
