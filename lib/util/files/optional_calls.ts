/**
 * System calls that some file systems do not offer: the sync of a folder, and locks.
 *
 * @module
 */

import { assertNoDiskFault } from "./disk_fault.ts";

/**
 * Syncs the names in a folder to the disk. A new file survives a power cut only when its folder is
 * synced, too. Does nothing on a file system that cannot sync folders, or when this process may not
 * read the folder.
 *
 * @throws {Error} when the disk reports an error.
 * @see https://man7.org/linux/man-pages/man2/fsync.2.html
 */
export async function syncFolder(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  try {
    using folder = await Deno.open(path);
    await folder.sync();
  } catch (error) {
    if (!isUnsupported(error) && !isForbidden(error)) throw cannotSync(path, error as Error);
  }
}

/** Syncs the names in a folder to the disk as {@linkcode syncFolder}, and blocks this thread. */
export function syncFolderSync(path: string): void {
  if (Deno.build.os === "windows") return;
  try {
    using folder = Deno.openSync(path);
    folder.syncSync();
  } catch (error) {
    if (!isUnsupported(error) && !isForbidden(error)) throw cannotSync(path, error as Error);
  }
}

/** Returns the error of a sync, with the name of the file, which the system does not tell. */
export function cannotSync(path: string, cause: Error): Error {
  return new Error(
    `Cannot sync ${path}: ${cause.message}, check the disk and continue with dl_jobs resume`,
    { cause },
  );
}

/**
 * Tries to lock a file (`flock`) until it is closed.
 *
 * @param mode the lock; any number of processes may have a shared one. @default {"exclusive"}
 * @returns false when another process has the lock, and `undefined` when the file system has no
 * locks.
 * @see https://man7.org/linux/man-pages/man2/flock.2.html
 */
export function tryLock(
  file: Deno.FsFile,
  mode: "exclusive" | "shared" = "exclusive",
): boolean | undefined {
  try {
    return file.tryLockSync(mode === "exclusive");
  } catch (error) {
    if (isUnsupported(error)) return undefined;
    throw error;
  }
}

/**
 * Returns true when another process has locked a file or a folder.
 *
 * @throws {Error} when the disk reports an error.
 */
export function isLockedPath(path: string): boolean {
  try {
    using file = Deno.openSync(path);
    return tryLock(file, "shared") === false;
  } catch (cause) {
    assertNoDiskFault(path, cause as Error);
    // The path does not exist, or this user cannot read it.
    return false;
  }
}

/**
 * Returns true when an error states that the file system does not offer an operation, such as a
 * lock or the sync of a folder.
 */
function isUnsupported(error: unknown): boolean {
  const { code, message } = error as { code?: string; message: string };
  if (code !== undefined) {
    return ["EINVAL", "ENOSYS", "ENOLCK", "ENOTSUP", "EOPNOTSUPP"].includes(code);
  }
  // Deno has no codes for ENOLCK and ENOSYS.
  return /\(os error (22|37|38|45|77|78|95)\)/.test(message);
}

function isForbidden(error: unknown): boolean {
  return error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable;
}
