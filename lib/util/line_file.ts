/**
 * Files of lines that are created when their first line is written.
 *
 * @module
 */

import { UsageError } from "./errors.ts";
import { LineBuffer } from "./line_buffer.ts";
import { dirname } from "./paths.ts";

/** A file of lines that is created when its first line is written. */
export class LineFile implements Disposable {
  /** Receives the path immediately before the file is created. */
  onOpen: ((path: string) => void) | undefined;
  #file: Deno.FsFile | undefined;
  #lines: LineBuffer | undefined;
  #path: string;

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
    this.#file ??= this.#open();
    this.#lines ??= new LineBuffer(this.#file, this.#path);
    this.#lines.write(lines);
  }

  /** Writes all buffered lines to the file, without `fsync`. */
  flush(): void {
    this.#lines?.flush();
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

  #open(): Deno.FsFile {
    createFolder(this.#path);
    if (!this.isShared) this.#path = freePath(this.#path);
    this.onOpen?.(this.#path);
    return Deno.openSync(this.#path, { append: true, create: true, mode: this.mode });
  }
}

/** A file that replaces another file once it is complete. Readers never see a partial file. */
export class NewFile extends LineFile {
  /**
   * Creates an empty file beside the target.
   *
   * @param target the path of the file to replace
   */
  constructor(readonly target: string) {
    super(`${target}.new`, true);
    Deno.mkdirSync(dirname(target), { recursive: true });
    Deno.writeTextFileSync(`${target}.new`, "");
  }

  /** The path of the target. */
  override get path(): string {
    return this.target;
  }

  /** Closes the file and replaces the target with it. */
  finish(): void {
    this[Symbol.dispose]();
    Deno.renameSync(`${this.target}.new`, this.target);
  }
}

function createFolder(path: string): void {
  const folder = dirname(path);
  try {
    Deno.mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new UsageError(
      `Cannot create the folder ${folder}: ${(cause as Error).message}, choose another one`,
      { cause },
    );
  }
}

/**
 * Creates the first of the files `out.ndjson`, `out-2.ndjson`, ... that does not exist, and returns
 * its path.
 */
function freePath(path: string): string {
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
