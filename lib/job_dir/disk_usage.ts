/**
 * Measures the space that the folders of jobs occupy.
 *
 * @module
 */

import { statIfThere } from "../util/fs.ts";

/** The size of a block in the field `blocks` of a file's status, in bytes. */
const BLOCK = 512;

/**
 * Adds up the space that a removal of folders would free. A program that the cache also has, as a
 * hard link, frees nothing.
 *
 * @example
 * ```ts
 * import { DiskUsage } from "./disk_usage.ts";
 *
 * const folder = Deno.makeTempDirSync();
 * Deno.writeTextFileSync(`${folder}/one`, "x".repeat(5000));
 * const bytes = new DiskUsage().add(folder);
 * Deno.removeSync(folder, { recursive: true });
 * if (bytes < 5000 || bytes > 100_000) throw new Error(`${bytes}`);
 * ```
 */
export class DiskUsage {
  /** The links that are still missing, by file. */
  #links = new Map<string, number>();

  /** Returns the space that a folder adds, in bytes. Files that disappear meanwhile count as 0. */
  add(folder: string): number {
    let bytes = 0;
    for (const { name, isDirectory, isFile } of entriesOf(folder)) {
      const path = `${folder}/${name}`;
      if (isDirectory) bytes += this.add(path);
      else if (isFile) bytes += this.#sizeOf(path);
    }
    return bytes;
  }

  #sizeOf(path: string): number {
    const file = statIfThere(path);
    if (!file) return 0;
    const size = file.blocks === null ? file.size : file.blocks * BLOCK;
    if (file.nlink === null || file.nlink <= 1) return size;
    const key = `${file.dev} ${file.ino}`, rest = (this.#links.get(key) ?? file.nlink) - 1;
    this.#links.set(key, rest);
    return rest === 0 ? size : 0;
  }
}

function entriesOf(folder: string): Deno.DirEntry[] {
  try {
    return Array.from(Deno.readDirSync(folder));
  } catch {
    // The folder has just been removed, or belongs to another user.
    return [];
  }
}
