/**
 * Copies of the lists of paths that match patterns. A job lists the paths once, when it starts,
 * because files may be added while it runs, also by its own tasks.
 *
 * @module
 */

import { isGlob } from "../../formats/disk_file.ts";
import type { GlobFile } from "../../formats/glob_file.ts";
import type { ListedFile } from "../../job_dir/record.ts";
import { inspectFile } from "../../tasks/list_files.ts";
import { type ArgsList, filesOf } from "../../tasks/source.ts";
import type { Reporter } from "../../terminal/reporter.ts";

/** A list of paths, and the path of its copy. */
export interface GlobCopy {
  readonly file: GlobFile;
  readonly path: string;
}

/** Returns the lists of paths in a list, with the places of their copies in the job's folder. */
export async function globCopies(list: ArgsList, folder: string): Promise<GlobCopy[]> {
  const files = filesOf(list), copies: GlobCopy[] = [];
  for (const [at, source] of files?.sources.entries() ?? []) {
    // A pattern that is named again has the same copy.
    if (!isGlob(source) || files!.sources.indexOf(source) < at) continue;
    const file = await inspectFile(files!, at) as GlobFile;
    copies.push({ file, path: `${folder}/glob.${copies.length}.ndjson` });
  }
  return copies;
}

/** Describes the copy of a list of paths. Only its job writes it, so it does not change. */
export function describeCopy({ file: { name }, path }: GlobCopy): ListedFile {
  return { path, glob: name, size: 0, modified: 0 };
}

/** Writes the copies into the folder of a new job. Warns of folders that cannot be read. */
export async function writeGlobCopies(
  { globs = [], reporter }: {
    readonly globs?: readonly GlobCopy[] | undefined;
    readonly reporter: Reporter;
  },
): Promise<void> {
  for (const { file, path } of globs) {
    await file.copyTo(path, (folder, reason) => {
      reporter.warn(`Warning: ${file.name}: cannot read ${folder}: ${reason}, it is left out`);
    });
  }
}
