/**
 * Files of lines that are created when their first line is written.
 *
 * @module
 */

import { BackgroundSync } from "./background_sync.ts";
import { placeError } from "./disk_fault.ts";
import { exists, isSameFile, statIfThere } from "./fs.ts";
import { syncFolder } from "./optional_calls.ts";
import { LineBuffer } from "./line_buffer.ts";
import { absolutePath, basename, dirname } from "../paths.ts";

/** A file of lines that is created when its first line is written. */
export class LineFile implements Disposable {
  /** Receives the path immediately before the file is created. */
  onOpen: ((path: string) => void) | undefined;
  #file: Deno.FsFile | undefined;
  #lines: LineBuffer | undefined;
  #disk = new BackgroundSync(() => this.#sync());
  #path: string;
  /** The absolute path, because the current folder may change before the first line. */
  protected place: string;
  /** The size of the lines that were in the file before those of this object. */
  #start = 0;
  /** The number of bytes of all lines of this object. */
  #bytes = 0;
  /** The folders to sync, because they contain new names. */
  protected changed: string[] = [];

  /**
   * Prepares a file without creating it.
   *
   * @param path the path of the file
   * @param isShared true to append to an existing file; false to choose a free name, such as
   * `out-2.ndjson`
   * @param mode the permissions of a new file, before the umask
   */
  constructor(path: string, readonly isShared = false, readonly mode = 0o666) {
    this.#path = path;
    this.place = absolutePath(path);
  }

  /** The path of the file; `undefined` before its first line. */
  get path(): string | undefined {
    return this.#file && this.#path;
  }

  /**
   * Adds whole lines.
   *
   * @throws {UsageError} when the folder cannot be created.
   * @throws {Error} when the file cannot be written.
   */
  write(lines: Uint8Array): void {
    if (lines.length === 0) return;
    this.create();
    this.#bytes = this.#lines!.write(lines) + lines.length;
    this.#disk.add(lines.length);
  }

  /**
   * True when the path still leads to all lines: no other process has removed, replaced or cut the
   * file. The lines must have been flushed.
   */
  get isInPlace(): boolean {
    const now = this.#file?.statSync() ?? statIfThere(this.place);
    if (!now) return this.#start === 0;
    if (!now.isFile) return true;
    return now.size >= this.#start + this.#bytes && isSameFile(now, this.place);
  }

  /** Counts the present lines among those that must remain, although none was written yet. */
  keepLines(): void {
    const now = statIfThere(this.place);
    this.#start = now?.isFile ? now.size : 0;
  }

  /** Starts to sync the lines to disk, and does not wait for the disk. */
  syncSoon(): void {
    this.#disk.start();
  }

  /** Creates or opens the file, if that has not happened yet. */
  protected create(): void {
    if (this.#file) return;
    this.#file = this.#open();
    this.#start = Math.max(this.#start, this.#file.statSync().size);
    this.#lines = new LineBuffer(this.#file, this.#path);
    this.#disk.add(0);
  }

  /** Writes all buffered lines to the file, without `fsync`. */
  flush(): void {
    this.#lines?.flush();
  }

  /**
   * Writes all lines, and waits until they and the name of the file are on the disk.
   *
   * @throws {Error} when the disk reports an error. The lines may be lost, and another sync of the
   * same file would not report it.
   */
  async sync(): Promise<void> {
    this.flush();
    try {
      await this.#disk.finish();
      // A folder may have been removed since.
      await Promise.all(this.changed.splice(0).filter(exists).map(syncFolder));
    } catch (error) {
      // The error of a folder names the folder, which the user did not name.
      const cause = ((error as Error).cause ?? error) as Error;
      throw new Error(
        `Cannot sync ${this.#path}: ${cause.message}, the last lines may be lost; check ` +
          "the disk and continue with dl_jobs resume",
        { cause },
      );
    }
  }

  /** Writes all lines and closes the file. */
  [Symbol.dispose](): void {
    try {
      this.flush();
    } finally {
      this.#file?.close();
      this.#lines = this.#file = undefined;
    }
  }

  async #sync(): Promise<void> {
    // Pipes and devices cannot be synced.
    if (!this.#file?.statSync().isFile) return;
    this.flush();
    await this.#file.syncData();
  }

  /** Opens the file for appending. */
  protected open(path: string): Deno.FsFile {
    return Deno.openSync(path, { append: true, create: true, mode: this.mode });
  }

  #open(): Deno.FsFile {
    this.changed.push(...changedFolders(this.place));
    createFolder(this.place, this.#path);
    if (!this.isShared) this.#useFreePath();
    this.onOpen?.(this.#path);
    return this.open(this.place);
  }

  #useFreePath(): void {
    this.place = freePath(this.place);
    this.#path = this.#path.slice(0, this.#path.lastIndexOf("/") + 1) + basename(this.place);
  }
}

/** Returns the folders that get a new name when a file and the folders above it are created. */
function changedFolders(path: string): string[] {
  const folders: string[] = [];
  for (let at = path; !exists(at) && at !== dirname(at); at = dirname(at)) {
    folders.push(dirname(at));
  }
  return folders;
}

/**
 * Creates the folder of a file.
 *
 * @param shown the path of the file for messages. @default {its path}
 * @throws {UsageError} when it cannot be created, unless the disk is at fault.
 */
export function createFolder(path: string, shown = path): void {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
  } catch (cause) {
    const text = `Cannot create the folder ${dirname(shown)}: ${(cause as Error).message}`;
    throw placeError(text, cause as Error, "choose another one");
  }
}

/**
 * Creates the first of the files `out.ndjson`, `out-2.ndjson`, ... that does not exist, and returns
 * its path.
 */
export function freePath(path: string): string {
  const [stem, ending] = splitEnding(path);
  for (let number = 1;; number++) {
    const free = number === 1 ? path : `${stem}-${number}${ending}`;
    try {
      Deno.openSync(free, { write: true, createNew: true }).close();
      return free;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
}

function splitEnding(path: string): [stem: string, ending: string] {
  const dot = path.lastIndexOf(".");
  return [path.slice(0, dot), path.slice(dot)];
}
