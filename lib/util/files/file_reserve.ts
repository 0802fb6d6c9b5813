/**
 * Open files that keep room for others.
 *
 * @module
 */

// On other systems there is no such file, and no limit that a job reaches.
const EMPTY = "/dev/null";

/**
 * Takes a number of open files, which are closed when this process reaches the limit on them, so
 * that it can still open its own.
 *
 * @example
 * ```ts
 * import { FileReserve } from "./file_reserve.ts";
 *
 * using reserve = new FileReserve(4);
 * reserve.fill();
 * ```
 */
export class FileReserve implements Disposable {
  #files: Deno.FsFile[] = [];

  /** @param count the number of files */
  constructor(readonly count: number) {}

  /**
   * Opens the files that are not open.
   *
   * @throws {Error} when the limit on open files is reached. None of the files is then open.
   */
  fill(): void {
    try {
      while (this.#files.length < this.count) this.#files.push(Deno.openSync(EMPTY));
    } catch (error) {
      this[Symbol.dispose]();
      const { NotFound, NotCapable, PermissionDenied } = Deno.errors;
      if ([NotFound, NotCapable, PermissionDenied].some((kind) => error instanceof kind)) return;
      throw error;
    }
  }

  /** Closes the files. */
  [Symbol.dispose](): void {
    for (const file of this.#files.splice(0)) file.close();
  }
}
