/**
 * Protects the files of a job from copies of its folder.
 *
 * Paths below the directory of a job move with it. All other paths are the same in a copy, which
 * must not write them.
 *
 * @module
 */

import { directoryOf, jobFiles, jobFolder, jobIdOf } from "../../job_dir/layout.ts";
import type { JobRecord } from "../../job_dir/record.ts";
import { UsageError } from "../../util/errors.ts";
import { exists, statIfThere } from "../../util/files/fs.ts";
import { dirname } from "../../util/paths.ts";

/**
 * Checks that a job may write the files of its record.
 *
 * @param folder the job's folder
 * @throws {UsageError} when the folder is a copy and the files belong to the original.
 */
export function checkPlace(folder: string, record: JobRecord): void {
  const { output, files } = record, here = directoryOf(folder);
  if (record.id !== jobIdOf(folder) && hasJob(record, here)) throw copyOf(record, folder, here);
  for (const path of [output, files.results, files.errors]) {
    if (!path?.startsWith("/") || path.startsWith(`${here}/`)) continue;
    const original = originalOf(path, record, here);
    if (original !== undefined) throw copyOf(record, folder, original, path);
    if (!exists(dirname(path))) throw gone(path, folder);
  }
}

/** Returns true when the folder of a job is a copy, and its original is still in its place. */
export function isCopy(folder: string, record: JobRecord): boolean {
  const here = directoryOf(folder);
  if (record.id !== jobIdOf(folder)) return hasJob(record, here);
  return record.directory !== undefined && !isSameFolder(record.directory, here) &&
    hasJob(record, record.directory);
}

/** Returns true for one folder, which may have two paths, such as those of two mounts. */
function isSameFolder(path: string, other: string): boolean {
  const [one, two] = [path, other].map(statIfThere);
  if (path === other || !one || !two) return path === other;
  return one.ino !== null && one.dev === two.dev && one.ino === two.ino;
}

/** Returns the directory with the original of a job that writes a path outside its directory. */
function originalOf(path: string, record: JobRecord, here: string): string | undefined {
  const above: string[] = [];
  // Records of earlier versions have no directory, and absolute paths below it.
  for (let at = dirname(path); at !== dirname(at); at = dirname(at)) above.push(at);
  return [record.directory ?? here, ...above].find((at) => at !== here && hasJob(record, at));
}

function hasJob({ id }: JobRecord, directory: string): boolean {
  return exists(jobFiles(jobFolder(id, directory)).record);
}

function copyOf(
  { id }: JobRecord,
  folder: string,
  directory: string,
  path = "the same files",
): UsageError {
  return new UsageError(
    `Cannot resume job ${jobIdOf(folder)}: it is a copy of job ${id} in ${directory}, which ` +
      `writes ${path}; resume that job, or remove it if the copy replaces it`,
  );
}

function gone(path: string, folder: string): UsageError {
  const id = jobIdOf(folder);
  return new UsageError(
    `Cannot resume job ${id}: the folder of ${path} is gone, create it again or use ` +
      `dl_jobs results ${id}`,
  );
}
