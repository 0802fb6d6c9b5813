/**
 * The files that tasks write to `ctx.dir` on the platform, on their way to the job's folder.
 *
 * @module
 */

import { concatBytes, NEWLINE } from "../../util/bytes/bytes.ts";
import { makePrivateFolder, PRIVATE_FILE, statIfThere, writeAtomic } from "../../util/files/fs.ts";
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
 * Returns the path of a file in a folder for files.
 *
 * @param path the path below the folder, from another machine
 * @throws {TypeError} when the path leaves the folder.
 */
export function pathBelow(folder: string, path: string): string {
  if (path.split("/").some((name) => ["", ".", ".."].includes(name))) {
    throw new TypeError(`the path ${JSON.stringify(path)} leaves the folder for files`);
  }
  return `${folder}/${path}`;
}

/**
 * Writes a file to the job's folder for files.
 *
 * @throws {TypeError} when the path leaves the folder.
 */
export function writeTaskFile(folder: string, { path, bytes }: TaskFile): void {
  const full = pathBelow(folder, path);
  makePrivateFolder(dirname(full));
  writeAtomic(full, bytes, { mode: PRIVATE_FILE });
}

/** A file at the last look. */
interface SeenFile {
  readonly size: number;
  readonly changed: number | undefined;
  /** The time since when it is unchanged, in milliseconds. */
  readonly since: number;
}

// A file that is unchanged for this time is looked at less often.
const SETTLED_MS = 10_000;
// Looks at all files take a tenth of the time at most.
const REST = 9;

/** Finds the files of a folder that have changed since the last look. */
export class ChangedFiles {
  #seen = new Map<string, SeenFile>();
  #nextFull = 0;

  /**
   * Creates the list of a folder, which need not exist.
   *
   * @param folder the folder for files
   * @param warn shows a text about a file that is not found by its name
   * @param now a clock in milliseconds
   */
  constructor(
    readonly folder: string,
    readonly warn: (text: string) => void,
    readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * Returns the paths and the total size of the changed files.
   *
   * @param isLater returns true for a file to leave for a later look. @default {none}
   * @param isQuick true to look at files that are unchanged for 10 s only while this takes little
   * time: a folder may have 100,000 files. @default {false}
   */
  look(
    isLater: (path: string, size: number) => boolean = () => false,
    isQuick = false,
  ): { readonly paths: readonly string[]; readonly bytes: number } {
    const paths: string[] = [], began = this.now();
    const isFull = !isQuick || began >= this.#nextFull;
    let bytes = 0;
    for (const path of filesBelow(this.folder, "")) {
      const seen = this.#seen.get(path);
      if (!isFull && seen && began - seen.since > SETTLED_MS) continue;
      const { size, mtime, isFile } = statIfThere(`${this.folder}/${path}`) ?? this.#gone(path);
      const changed = mtime?.getTime();
      if (!isFile || (seen?.size === size && seen.changed === changed)) continue;
      if (isLater(path, size)) continue;
      this.#seen.set(path, { size, changed, since: began });
      paths.push(path);
      bytes += size;
    }
    if (isFull) this.#nextFull = began + (1 + REST) * (this.now() - began);
    return { paths, bytes };
  }

  #gone(path: string): typeof GONE {
    if (path.includes(REPLACED) && !this.#seen.has(path)) {
      this.#seen.set(path, { size: 0, changed: undefined, since: this.now() });
      this.warn(
        `the file ${path} is not kept, because its name is not UTF-8: let its task rename it`,
      );
    }
    return GONE;
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

// The character for bytes of a name that are not UTF-8. No file is found by such a name.
const REPLACED = "\ufffd";

const GONE = { size: 0, mtime: null, isFile: false };

/**
 * Yields the paths of what is below a folder, without the folders, or that of a folder that is not
 * found. Links to folders are not followed.
 */
function* filesBelow(root: string, below: string): Generator<string> {
  if (!statIfThere(`${root}/${below}`)) return yield below;
  for (const { name, isDirectory } of Deno.readDirSync(`${root}/${below}`)) {
    const path = below === "" ? name : `${below}/${name}`;
    if (isDirectory) yield* filesBelow(root, path);
    else yield path;
  }
}
