/**
 * The file that a user names for the results of one job.
 *
 * @module
 */

import { UsageError } from "../errors.ts";
import { placeError } from "./disk_fault.ts";
import { exists, isSameFile, removeIfThere, statIfThere } from "./fs.ts";
import { tryLock } from "./optional_calls.ts";
import { LineFile } from "./line_file.ts";
import { dirname } from "../paths.ts";

/**
 * A file that keeps its old content until the first line is written, and that one process at a time
 * may write.
 *
 * Pipes and devices are neither locked nor emptied.
 */
export class OutputFile extends LineFile {
  #claimed: Deno.FsFile | undefined;
  #isNew = false;
  #isWritten: boolean;

  /**
   * Prepares a file without opening it.
   *
   * @param name the path of the file
   * @param isContinued true when the content is from an earlier run of the same job, so that lines
   * are appended to it
   */
  constructor(readonly name: string, isContinued: boolean) {
    super(name, true);
    this.#isWritten = isContinued;
  }

  /**
   * Opens and locks the file, and keeps its content. The lock ends with this object. After the file
   * was replaced, another call locks the new file.
   *
   * @throws {UsageError} when the file cannot be written, or another process has locked it.
   */
  claim(): void {
    if (this.path !== undefined) return;
    if (this.#claimed && isSameFile(this.#claimed.statSync(), this.place)) return;
    this.#claimed?.close();
    this.#claimed = undefined;
    const isNew = !exists(this.place);
    this.#claimed = openLocked(this.place, this.name);
    this.#isNew ||= isNew;
    if (isNew) this.changed.push(dirname(this.place));
  }

  /**
   * Opens the file if it is a pipe or a device. A pipe is open once it has a reader, and meanwhile,
   * other work can run.
   *
   * @throws {UsageError} when it cannot be written.
   */
  async openPipe(): Promise<void> {
    if (statIfThere(this.place)?.isFile !== false) return;
    this.#claimed ??= await Deno.open(this.place, { append: true }).catch((cause) => {
      throw cannotWrite(this.name, cause);
    });
  }

  /** Empties the file if no line was written, because the job that ended has no results. */
  finish(): void {
    if (!this.#isWritten) this.create();
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#claimed?.close();
    if (this.#claimed && this.#isNew && !this.#isWritten) removeIfThere(this.place);
    this.#claimed = undefined;
  }

  protected override open(): Deno.FsFile {
    this.claim();
    const file = this.#claimed!;
    if (!this.#isWritten && file.statSync().isFile) file.truncateSync();
    this.#isWritten = true;
    // From here, the lines and the lock share one open file, which ends with the lines.
    this.#claimed = undefined;
    return file;
  }
}

/**
 * Opens a file for appending, and locks it unless it is a pipe or a device.
 *
 * @param shown the name of the file in error messages
 * @throws {UsageError} when the file cannot be written, or another process has locked it.
 */
export function openLocked(path: string, shown: string): Deno.FsFile {
  const file = openForAppend(path, shown);
  if (!file.statSync().isFile || tryLock(file) !== false) return file;
  file.close();
  throw new UsageError(`Cannot write ${shown}: another process is writing it`);
}

function openForAppend(path: string, shown: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { append: true, create: true });
  } catch (cause) {
    throw cannotWrite(shown, cause as Error);
  }
}

function cannotWrite(path: string, cause: Error): Error {
  return placeError(`Cannot write ${path}: ${cause.message}`, cause);
}
