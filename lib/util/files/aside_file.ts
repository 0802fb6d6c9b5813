/**
 * A file that another program or library writes, and that replaces a file once it is complete.
 *
 * @module
 */

import { UsageError } from "../errors.ts";
import { removeIfThere, statIfThere } from "./fs.ts";
import { isInPlace, targetOf } from "./new_file.ts";
import { openLocked } from "./output_file.ts";
import { syncFolder } from "./optional_calls.ts";
import { absolutePath, basename, dirname } from "../paths.ts";

/** A file beside its target, which one process at a time may write. The target keeps its content. */
export class AsideFile implements Disposable {
  #file: Deno.FsFile | undefined;
  /** The absolute path, because the current folder may change before the file is written. */
  #place: string;

  /**
   * Prepares a file without creating it.
   *
   * @param name the path of the target, or of a link to it
   */
  constructor(readonly name: string) {
    this.#place = absolutePath(name);
  }

  /** The path of the file to write, which is hidden. */
  get path(): string {
    const target = targetOf(this.#place);
    return `${dirname(target)}/.${basename(target)}.new`;
  }

  /**
   * Creates and locks the file beside the target.
   *
   * @throws {UsageError} when the target is a device, a pipe or a folder, the file cannot be
   * created, or another process has locked it.
   */
  claim(): void {
    if (this.#file) return;
    const replaced = statIfThere(this.#place);
    if (isInPlace(this.#place, replaced)) {
      throw new UsageError(`Cannot write ${this.name}: it is not a regular file, use another one`);
    }
    this.#file = this.#openLocked();
    if (replaced?.mode) Deno.chmodSync(this.path, replaced.mode & 0o7777);
  }

  /**
   * Writes the file, and replaces the target with it, both durably.
   *
   * @param write writes the file with this path, which exists and is empty
   * @param companions what is added to the name of the target in the names of files that belong to
   * its old content, which are removed. @default {none}
   */
  async replace(
    write: (path: string) => Promise<void>,
    companions: readonly string[] = [],
  ): Promise<void> {
    this.claim();
    this.#file!.truncateSync();
    await write(this.path);
    using written = Deno.openSync(this.path, { read: true });
    await written.syncData();
    // After the rename, a program could take them for files of the new content.
    for (const end of companions) removeIfThere(targetOf(this.#place) + end);
    Deno.renameSync(this.path, targetOf(this.#place));
    this.#close();
    await syncFolder(dirname(targetOf(this.#place)));
  }

  /** Removes the file beside the target. */
  [Symbol.dispose](): void {
    if (!this.#file) return;
    removeIfThere(this.path);
    this.#close();
  }

  #openLocked(): Deno.FsFile {
    for (;;) {
      const file = openLocked(this.path, this.name);
      // Another process may have renamed the file before it released the lock.
      if (file.statSync().ino === statIfThere(this.path)?.ino) return file;
      file.close();
    }
  }

  #close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}
