/**
 * The files that tasks write to `ctx.dir` on the platform, on their way to the job's folder.
 *
 * @module
 */

import { concatBytes, NEWLINE } from "../../util/bytes.ts";
import { PRIVATE_FILE, PRIVATE_FOLDER, statIfThere, writeAtomic } from "../../util/fs.ts";
import { dirname } from "../../util/paths.ts";

/** A file that a task has written. */
export interface TaskFile {
  /** The path below the folder for files. */
  readonly path: string;
  /** The content. */
  readonly bytes: Uint8Array;
}

const HEAD = new TextEncoder().encode('{"file":');

/** Returns a file as a part of a result archive: a line with its path, and its content. */
export function filePart({ path, bytes }: TaskFile): Uint8Array {
  return concatBytes([new TextEncoder().encode(`${JSON.stringify({ file: path })}\n`), bytes]);
}

/** Returns the file in a part of a result archive; undefined when the part contains events. */
export function parseFilePart(part: Uint8Array): TaskFile | undefined {
  if (HEAD.some((byte, i) => part[i] !== byte)) return undefined;
  const end = part.indexOf(NEWLINE);
  const { file } = JSON.parse(new TextDecoder().decode(part.subarray(0, end)));
  return { path: file, bytes: part.subarray(end + 1) };
}

/**
 * Writes a file to the job's folder for files.
 *
 * @throws {TypeError} when the path leaves the folder.
 */
export async function writeTaskFile(folder: string, { path, bytes }: TaskFile): Promise<void> {
  if (path.split("/").some((name) => ["", ".", ".."].includes(name))) {
    throw new TypeError(`the path ${JSON.stringify(path)} leaves the folder for files`);
  }
  const full = `${folder}/${path}`;
  await Deno.mkdir(dirname(full), { recursive: true, mode: PRIVATE_FOLDER });
  writeAtomic(full, bytes, { mode: PRIVATE_FILE });
}

/** Finds the files of a folder that have changed since the last look. */
export class ChangedFiles {
  #seen = new Map<string, string>();

  /**
   * Creates the list of a folder, which need not exist.
   *
   * @param folder the folder for files
   */
  constructor(readonly folder: string) {}

  /**
   * Returns the paths and the total size of the changed files.
   *
   * @param isLater returns true for a file to leave for a later look. @default {none}
   */
  look(
    isLater: (path: string, size: number) => boolean = () => false,
  ): { readonly paths: readonly string[]; readonly bytes: number } {
    const paths: string[] = [];
    let bytes = 0;
    for (const path of filesBelow(this.folder, "")) {
      const { size, mtime } = statIfThere(`${this.folder}/${path}`) ?? { size: 0, mtime: null };
      const state = `${size} ${mtime?.getTime()}`;
      if (this.#seen.get(path) === state || isLater(path, size)) continue;
      this.#seen.set(path, state);
      paths.push(path);
      bytes += size;
    }
    return { paths, bytes };
  }

  /** Reads files. A file that a task has removed is left out. */
  async read(paths: readonly string[]): Promise<TaskFile[]> {
    const files = await Promise.all(paths.map(async (path) => {
      const bytes = await Deno.readFile(`${this.folder}/${path}`).catch(() => undefined);
      return bytes && { path, bytes };
    }));
    return files.filter((file) => file !== undefined);
  }
}

/** Yields the paths of all files below a folder. Links to folders are not followed. */
function* filesBelow(root: string, below: string): Generator<string> {
  if (!statIfThere(`${root}/${below}`)) return;
  for (const { name, isDirectory } of Deno.readDirSync(`${root}/${below}`)) {
    const path = below === "" ? name : `${below}/${name}`;
    if (isDirectory) yield* filesBelow(root, path);
    else if (statIfThere(`${root}/${path}`)?.isFile) yield path;
  }
}
