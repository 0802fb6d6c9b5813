/**
 * Open files that keep room for others.
 *
 * @module
 */

// On other systems there is no such file, and no limit that a job reaches.
const EMPTY = "/dev/null";

/**
 * Opens a number of files, so that what is opened before they are closed leaves room for as many.
 *
 * @example
 * ```ts
 * import { reserveFiles } from "./file_reserve.ts";
 *
 * using _room = reserveFiles(4);
 * ```
 *
 * @returns the files, which are closed together.
 * @throws {Error} when the limit on open files is reached. None of the files is then open.
 */
export function reserveFiles(count: number): Disposable {
  using files = new DisposableStack();
  try {
    for (let i = 0; i < count; i++) files.use(Deno.openSync(EMPTY));
  } catch (error) {
    const { NotFound, NotCapable, PermissionDenied } = Deno.errors;
    if (![NotFound, NotCapable, PermissionDenied].some((kind) => error instanceof kind)) {
      throw error;
    }
  }
  return files.move();
}
