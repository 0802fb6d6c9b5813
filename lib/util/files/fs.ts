/**
 * Small file operations.
 *
 * @module
 */

import { assertNoDiskFault } from "./disk_fault.ts";
import { cannotSync, syncFolderSync } from "./optional_calls.ts";
import { dirname } from "../paths.ts";

/** The mode of a file that only its owner may read. A umask cannot add permissions to it. */
export const PRIVATE_FILE = 0o600;
/** The mode of a folder that only its owner may enter. */
export const PRIVATE_FOLDER = 0o700;

/** Creates a folder that only its owner may enter, and those above it, unless they exist. */
export function makePrivateFolder(path: string): void {
  Deno.mkdirSync(path, { recursive: true, mode: PRIVATE_FOLDER });
}

/**
 * Returns facts about a file or a folder; undefined when it is missing or cannot be accessed.
 *
 * @throws {Error} when the disk reports an error: the file may be there.
 */
export function statIfThere(path: string | URL): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (cause) {
    assertNoDiskFault(path, cause as Error);
    return undefined;
  }
}

/** Returns facts about a file or a folder; undefined also when the disk reports an error. */
export function tryStat(path: string): Deno.FileInfo | undefined {
  try {
    return statIfThere(path);
  } catch {
    return undefined;
  }
}

/** Returns facts about a file or a folder as {@linkcode statIfThere}, and does not follow a link. */
export function lstatIfThere(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (cause) {
    assertNoDiskFault(path, cause as Error);
    return undefined;
  }
}

/**
 * Returns true when a file or a folder exists.
 *
 * @returns true when the path exists; false when it is missing or cannot be accessed.
 * @throws {Error} when the disk reports an error.
 */
export function exists(path: string | URL): boolean {
  return statIfThere(path) !== undefined;
}

/**
 * Returns true when a file or a folder exists as {@linkcode exists}, for callers that cannot handle
 * an error, such as timers.
 *
 * @param otherwise the answer when the disk reports an error
 */
export function existsOr(path: string, otherwise: boolean): boolean {
  try {
    return exists(path);
  } catch {
    return otherwise;
  }
}

/** Returns true when a file was not opened because of a limit on open files. It may be there. */
export function isOutOfFiles(error: unknown): boolean {
  const { code } = error as { readonly code?: string };
  return code === "EMFILE" || code === "ENFILE";
}

/** Returns the text of a file; an empty text when the file is missing or cannot be read. */
export function readIfThere(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

/**
 * Writes all bytes to an open file. A single system call may write only some of the bytes.
 *
 * @param path the file's name in the error message
 * @param next the way out in the error message; an empty text when the caller adds it
 * @throws {Error} when the disk is full or gone. A retry helps once the disk has space.
 */
export function writeAll(
  file: Pick<Deno.FsFile, "writeSync">,
  bytes: Uint8Array,
  path: string,
  next = "fix this and continue with dl_jobs resume",
): void {
  try {
    for (let at = 0; at < bytes.length;) at += writeSome(file, bytes.subarray(at));
  } catch (cause) {
    // The file may itself write with this function.
    if ((cause as Error).message.startsWith("Cannot write ")) throw cause;
    const way = next && `, ${next}`;
    throw new Error(`Cannot write ${path}: ${(cause as Error).message}${way}`, { cause });
  }
}

/** Writes some bytes. A signal may interrupt a call that has written nothing, on some file systems. */
function writeSome(file: Pick<Deno.FsFile, "writeSync">, bytes: Uint8Array): number {
  try {
    return file.writeSync(bytes);
  } catch (error) {
    if (error instanceof Deno.errors.Interrupted) return 0;
    throw error;
  }
}

/** Options of {@linkcode writeAtomic}. */
export interface WriteAtomicOptions {
  /**
   * True to sync the data to the disk before the rename, and the folder after it. Without the first
   * sync, the file may appear empty after a power cut or on another machine. Without the second, a
   * power cut may bring the old content back, which `file` accepts.
   *
   * @default {false}
   */
  readonly sync?: boolean | "file" | undefined;
  /**
   * True when several processes may write the same path at the same time. Each process then has its
   * own temporary file, and the last rename wins.
   *
   * @default {false}
   */
  readonly isContended?: boolean;
  /** The permission bits of the file, such as `0o600`. @default {0o666 minus the umask} */
  readonly mode?: number | undefined;
}

/**
 * Replaces a file atomically: writes a temporary file in the same folder, then renames that file to
 * `path`. A reader sees either the old content or the new content. The temporary file is removed
 * when the write fails.
 *
 * @example
 * ```ts
 * import { writeAtomic } from "./fs.ts";
 *
 * const path = Deno.makeTempFileSync();
 * writeAtomic(path, "new\n");
 * if (Deno.readTextFileSync(path) !== "new\n") throw new Error("not written");
 * ```
 *
 * @throws {Error} when the disk is full or gone, or the folder does not exist.
 */
export function writeAtomic(
  path: string,
  data: string | Uint8Array,
  { sync = false, isContended = false, mode }: WriteAtomicOptions = {},
): void {
  const aside = isContended ? `${path}.${Deno.pid}` : `${path}.new`;
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  try {
    writeNew(aside, bytes, sync !== false, mode);
    Deno.renameSync(aside, path);
    if (sync === true) syncFolderSync(dirname(path));
  } catch (error) {
    removeIfThere(aside);
    throw error;
  }
}

function writeNew(path: string, bytes: Uint8Array, sync: boolean, mode: number | undefined): void {
  const options = { write: true, create: true, truncate: true };
  using file = Deno.openSync(path, mode === undefined ? options : { ...options, mode });
  writeAll(file, bytes, path);
  // A temporary file that an earlier process left behind keeps its old mode.
  if (mode !== undefined) Deno.chmodSync(path, mode);
  if (!sync) return;
  try {
    file.syncDataSync();
  } catch (cause) {
    throw cannotSync(path, cause as Error);
  }
}

/** Returns true when a message is only what the system says, without what failed for the user. */
export function isRawError(message: string): boolean {
  return /^[^:]+ \(os error \d+\)(?:: \w+ '[^;]*)?$/.test(message);
}

/** Removes a file, which need not exist. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // The file may not have been created.
  }
}

/**
 * Counts the complete lines of a file.
 *
 * @returns the number of newlines; 0 when the file does not exist.
 */
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

/** Returns true when a path is a file, false when it is a folder or does not exist. */
export function isFile(path: string | URL): boolean {
  return statIfThere(path)?.isFile === true;
}

/** Returns true when a path names a file, which may be open, by any of its names. */
export function isSameFile({ dev, ino }: Deno.FileInfo, path: string): boolean {
  const now = statIfThere(path);
  return now?.dev === dev && now.ino === ino;
}

/** Returns true when a path leads to a folder. */
export function isDirectory(path: string): boolean {
  return statIfThere(path)?.isDirectory === true;
}

/** Returns true when a file exists and is empty. */
export function isEmptyFile(path: string): boolean {
  return statIfThere(path)?.size === 0;
}
