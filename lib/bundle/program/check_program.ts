/**
 * Checks the program of a job before it runs again.
 *
 * @module
 */

import { type JobRecord, programFile } from "../../job_dir/record.ts";
import { exists } from "../../util/files/fs.ts";
import { shortHash } from "../modules/hash.ts";

/**
 * Refuses to run a damaged program.
 *
 * @throws {Error} when the file is not the program that the job began with.
 */
export async function assertProgram(folder: string, record: JobRecord): Promise<void> {
  if (
    record.format === undefined || await isSoundProgram(programFile(folder, record), record.code)
  ) return;
  throw new Error(
    `Cannot run job ${record.id}: its program ${programFile(folder, record)} is damaged; start ` +
      "a new job with --reuse, which keeps the results of this job",
  );
}

/** Returns true when the program in a file has a hash. */
export async function isSoundProgram(path: string, hash: string): Promise<boolean> {
  return exists(path) && await programHash(await Deno.readTextFile(path), path) === hash;
}

/** Returns the hash of a program. The source map of a script is not part of the hash. */
async function programHash(text: string, path: string): Promise<string> {
  const end = path.endsWith(".py") ? -1 : text.lastIndexOf("//# sourceMappingURL=");
  return await shortHash(end < 0 ? text : text.slice(0, end));
}
