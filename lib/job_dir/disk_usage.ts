/**
 * Measures the space that the folders of jobs occupy.
 *
 * @module
 */

import { tryStat } from "../util/files/fs.ts";

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
  #files: Map<string, Deno.FileInfo>;

  /**
   * Creates a sum of 0 bytes.
   *
   * @param files the files with several names that are known already. @default {none}
   */
  constructor(files: Map<string, Deno.FileInfo> = new Map()) {
    this.#files = files;
  }

  /**
   * Returns the space that a folder adds, in bytes. Files that disappear meanwhile, or that the
   * disk cannot read, count as 0.
   *
   * @param space the space of the folder, if it is known
   */
  add(folder: string, { bytes, shared }: FolderSpace = measureFolder(folder)): number {
    return shared.reduce((sum, [name, key]) => sum + this.#link(`${folder}/${name}`, key), bytes);
  }

  /** Returns the size of a file once all its names were counted, and 0 before. */
  #link(path: string, key: string): number {
    const file = this.#files.get(key) ?? tryStat(path);
    if (!file) return 0;
    this.#files.set(key, file);
    const rest = (this.#links.get(key) ?? file.nlink ?? 1) - 1;
    this.#links.set(key, rest);
    return rest === 0 ? sizeOf(file) : 0;
  }
}

/** The space of a folder, without the files that have several names. */
export interface FolderSpace {
  /** The space of all other files, in bytes. */
  readonly bytes: number;
  /** The files that have several names: the path in the folder, and the device and the inode. */
  readonly shared: readonly (readonly [path: string, key: string])[];
  /** True when the folder contains no other folder, so its own time tells of all new names. */
  readonly isFlat: boolean;
}

/** Reads the sizes of all files in a folder and the folders in it. */
export function measureFolder(folder: string): FolderSpace {
  const shared: FolderSpace["shared"][number][] = [];
  let bytes = 0, isFlat = true;
  for (const { name, isDirectory, isFile } of entriesOf(folder)) {
    const path = `${folder}/${name}`, file = isFile ? tryStat(path) : undefined;
    if (file && (file.nlink ?? 1) > 1) shared.push([name, `${file.dev} ${file.ino}`]);
    else if (file) bytes += sizeOf(file);
    if (!isDirectory) continue;
    isFlat = false;
    const inner = measureFolder(path);
    bytes += inner.bytes;
    shared.push(...inner.shared.map(([rest, key]) => [`${name}/${rest}`, key] as const));
  }
  return { bytes, shared, isFlat };
}

function sizeOf({ blocks, size }: Deno.FileInfo): number {
  return blocks === null ? size : blocks * BLOCK;
}

function entriesOf(folder: string): Deno.DirEntry[] {
  try {
    return Array.from(Deno.readDirSync(folder));
  } catch {
    // The folder has just been removed, or belongs to another user.
    return [];
  }
}
